//! The signal that asks a process to stop.

use std::fmt;
use std::str::FromStr;

/// The signal that asks a [process child](crate::ChildSpec::command) to stop, which
/// [`ChildSpec::stop_signal`](crate::ChildSpec::stop_signal) sets. This needs the feature `process`.
///
/// Only signals that a program can follow are here. SIGKILL is what a kill sends, and no program hears
/// of it. The setting has no effect on platforms other than Unix.
///
/// # Examples
///
/// ```
/// use sage_supervisor::ProcessSignal;
///
/// assert_eq!("SIGINT".parse(), Ok(ProcessSignal::Interrupt));
/// assert_eq!("quit".parse(), Ok(ProcessSignal::Quit));
/// assert_eq!(ProcessSignal::default().to_string(), "SIGTERM");
/// assert!("SIGKILL".parse::<ProcessSignal>().is_err());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProcessSignal {
    /// SIGTERM, the default.
    #[default]
    Terminate,
    /// SIGINT, as a Ctrl-C sends it. A shell lets the programs that it starts in the background ignore
    /// this signal.
    Interrupt,
    /// SIGQUIT, by which nginx and others end their connections before they stop.
    Quit,
    /// SIGHUP.
    Hangup,
    /// SIGUSR1.
    UserDefined1,
    /// SIGUSR2.
    UserDefined2,
    /// SIGWINCH, by which Apache's `httpd` ends its connections before it stops.
    WindowChange,
}

impl ProcessSignal {
    const ALL: [Self; 7] = [
        Self::Terminate,
        Self::Interrupt,
        Self::Quit,
        Self::Hangup,
        Self::UserDefined1,
        Self::UserDefined2,
        Self::WindowChange,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Quit => "SIGQUIT",
            Self::Hangup => "SIGHUP",
            Self::UserDefined1 => "SIGUSR1",
            Self::UserDefined2 => "SIGUSR2",
            Self::WindowChange => "SIGWINCH",
        }
    }
}

impl fmt::Display for ProcessSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error of a text that names no [`ProcessSignal`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseProcessSignalError(());

impl fmt::Display for ParseProcessSignalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected the name of a signal that a program can follow: ")?;
        for (place, signal) in ProcessSignal::ALL.into_iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{signal}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ParseProcessSignalError {}

impl FromStr for ProcessSignal {
    type Err = ParseProcessSignalError;

    /// Reads a name such as `SIGTERM` or `TERM`, in upper or lower case.
    fn from_str(text: &str) -> Result<Self, ParseProcessSignalError> {
        let is_of = |signal: &Self| {
            let (name, short) = (signal.name(), &signal.name()["SIG".len()..]);
            text.eq_ignore_ascii_case(name) || text.eq_ignore_ascii_case(short)
        };
        Self::ALL.into_iter().find(is_of).ok_or(ParseProcessSignalError(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_is_read_by_both_of_its_names() {
        for signal in ProcessSignal::ALL {
            let name = signal.to_string();
            assert_eq!(name.parse(), Ok(signal));
            assert_eq!(name[3..].to_ascii_lowercase().parse(), Ok(signal));
        }
        for text in ["", "SIG", "SIGKILL", "STOP", "15", "SIGSIGTERM"] {
            let error = text.parse::<ProcessSignal>().expect_err("no name of a signal");
            assert!(error.to_string().ends_with("SIGUSR2, SIGWINCH"), "{text}");
        }
    }
}
