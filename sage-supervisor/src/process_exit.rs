//! How a process ended that did not end well.

use std::error::Error;
use std::fmt;
use std::process::ExitStatus;

use crate::exit::Exit;

/// A process ended with another code than that of success, or by a signal. Needs the feature
/// `process`.
///
/// It is the error of the child's exit; [`Exit::process`] finds it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessExit(ExitStatus);

impl ProcessExit {
    pub(crate) fn new(status: ExitStatus) -> Self {
        Self(status)
    }

    /// The code it ended with; `None` if that was by a signal.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.0.code()
    }

    /// The signal it ended by. `None` if it ended by itself, and on other platforms than Unix.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        #[cfg(unix)]
        return std::os::unix::process::ExitStatusExt::signal(&self.0);
        #[cfg(not(unix))]
        None
    }

    /// The status as the standard library has it.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        self.0
    }

    /// Whether it ended as one does that is killed.
    pub(crate) fn is_kill(&self) -> bool {
        cfg!(not(unix)) || self.signal() == Some(9)
    }
}

impl fmt::Display for ProcessExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for ProcessExit {}

impl Exit {
    /// How the process of the child ended, if it is one and did not end well. Needs the feature
    /// `process`.
    ///
    /// # Examples
    ///
    /// A program that says by its code that it is of no use to try again:
    ///
    /// ```
    /// use sage_supervisor::{Exit, ProcessExit};
    ///
    /// const BAD_CONFIGURATION: i32 = 78;
    ///
    /// fn is_hopeless(exit: &Exit) -> bool {
    ///     exit.process().and_then(ProcessExit::code) == Some(BAD_CONFIGURATION)
    /// }
    /// # assert!(!is_hopeless(&Exit::Normal));
    /// ```
    #[must_use]
    pub fn process(&self) -> Option<&ProcessExit> {
        self.cause()?.downcast_ref()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn it_has_a_code_or_a_signal() {
        let [code, signal] = [3 << 8, 9].map(|raw| ProcessExit::new(ExitStatus::from_raw(raw)));
        assert_eq!((code.code(), code.signal(), code.is_kill()), (Some(3), None, false));
        assert_eq!((signal.code(), signal.signal(), signal.is_kill()), (None, Some(9), true));
        assert_eq!(code.to_string(), "exit status: 3");
        assert_eq!(signal.to_string(), "signal: 9 (SIGKILL)");
    }
}
