//! The error of a process that did not end with success.

use std::error::Error;
use std::fmt;
use std::process::ExitStatus;

use crate::exit::Exit;

/// The error of a process that ended with another code than success, or by a signal. This needs the
/// feature `process`.
///
/// The error is that of the child's exit, where [`Exit::process`] finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessExit(ExitStatus);

impl ProcessExit {
    pub(crate) fn new(status: ExitStatus) -> Self {
        Self(status)
    }

    /// The code that the process ended with, or `None` if it ended by a signal.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.0.code()
    }

    /// The signal that the process ended by. `None` if the process ended by itself, and on
    /// platforms other than Unix.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        #[cfg(unix)]
        return std::os::unix::process::ExitStatusExt::signal(&self.0);
        #[cfg(not(unix))]
        None
    }

    /// The exit status as the standard library defines it.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        self.0
    }

    /// Returns `true` if the process ended in the way that a killed process ends.
    pub(crate) fn is_kill(&self) -> bool {
        // A platform without signals ends a killed process with a code, which the process could
        // have chosen itself. There a failure after a kill counts as the kill.
        cfg!(not(unix)) || self.signal() == Some(9)
    }
}

impl fmt::Display for ProcessExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for ProcessExit {}

/// The end of a process whose exit status is lost: the process has ended, and nobody knows how. This
/// needs the feature `process`.
///
/// The system tells the status of a process once. It is lost if another part of this program waits
/// for any process, as `waitpid(-1)` does, or has the signal SIGCHLD ignored. Such an end is the exit
/// [`Exit::Error`] with this error, because a process of which nobody knows that it ended well has to
/// be taken for one that failed; a restart policy therefore treats it as a failure. A process that was
/// killed has the exit [`Exit::Killed`] in any case.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{Exit, ProcessStatusLost};
///
/// fn is_unknown(exit: &Exit) -> bool {
///     exit.cause().is_some_and(|cause| cause.is::<ProcessStatusLost>())
/// }
/// # assert!(!is_unknown(&Exit::Normal));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessStatusLost {}

impl ProcessStatusLost {
    pub(crate) fn new() -> Self {
        Self {}
    }
}

impl fmt::Display for ProcessStatusLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the process has ended, but its exit status is lost: another part of this program \
             waits for every process, or has SIGCHLD ignored",
        )
    }
}

impl Error for ProcessStatusLost {}

impl Exit {
    /// The error of the child's process, if the child is a process that did not end with success.
    /// This needs the feature `process`.
    ///
    /// # Examples
    ///
    /// A program whose exit code says that a further try is of no use:
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
    fn an_exit_has_a_code_or_a_signal() {
        let [code, signal] = [3 << 8, 9].map(|raw| ProcessExit::new(ExitStatus::from_raw(raw)));
        assert_eq!((code.code(), code.signal(), code.is_kill()), (Some(3), None, false));
        assert_eq!((signal.code(), signal.signal(), signal.is_kill()), (None, Some(9), true));
        assert_eq!(code.to_string(), "exit status: 3");
        assert_eq!(signal.to_string(), "signal: 9 (SIGKILL)");
    }
}
