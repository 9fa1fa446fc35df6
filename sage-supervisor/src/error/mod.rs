//! The errors that a supervisor ends with.

mod failed;
mod final_error;
mod given_up;
mod invalid;
mod limit;
mod unclean;
mod unresponsive;

use std::fmt;

use thiserror::Error as ThisError;

pub use self::failed::{FailedStart, SignificantExit};
pub use self::final_error::{FailureScope, FinalError};
pub use self::given_up::GivenUp;
pub use self::invalid::{InvalidTree, InvalidTreeKind};
pub use self::limit::RestartLimitReached;
pub use self::unclean::UncleanStop;
pub use self::unresponsive::Unresponsive;

use crate::chain;
use crate::contain::ChildPanic;
use crate::exit::{BoxError, ExitError};

/// The result of a supervisor, and of a child that uses this crate's error.
pub type SageResult<T> = Result<T, SageError>;

/// The error that a supervision tree, or a child of it, ends with.
///
/// A clone shares the error of the child with the original. [`SageError::other`] makes one of any other
/// error, and `?` converts [`std::io::Error`] and [`BoxError`] by itself.
///
/// # The text
///
/// Each of the formats shows a cause once:
///
/// - `{}` is the error itself, without the causes that [`source`](std::error::Error::source) returns;
/// - `{:#}` is the error with all its causes, in one line, for a log;
/// - `{:?}` is the error with a line for each cause, which is what `main` prints for an error that it
///   returns;
/// - `{:#?}` is the value as Rust writes it, for tests.
///
/// A text of more than 16 KiB is cut off.
///
/// # Examples
///
/// The importer can never succeed, so its supervisor reaches its restart limit, and so does the
/// supervisor above that:
///
/// ```
/// use sage_supervisor::{ChildContext, RestartConfig, SageError, Strategy, Supervisor};
/// use std::error::Error;
/// use std::num::ParseIntError;
///
/// async fn importer(_: ChildContext) -> Result<(), ParseIntError> {
///     "seven".parse::<u16>().map(drop)
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let limit = RestartConfig { max_restarts: 1, ..RestartConfig::default() };
/// let imports = Supervisor::new(Strategy::OneForOne, limit).child("importer", importer);
/// let shop = Supervisor::new(Strategy::OneForOne, limit).name("shop");
/// let error = shop.child("imports", imports).run().await.unwrap_err();
/// let SageError::Supervisor(reached) = &error else { panic!("{error}") };
/// assert_eq!((reached.path.as_str(), reached.child.as_str()), ("shop", "imports"));
///
/// let causes = std::iter::successors(error.source(), |&cause| cause.source());
/// assert!(causes.last().unwrap().is::<ParseIntError>());
///
/// assert_eq!(
///     format!("{error:?}"),
///     "\
/// supervisor `shop` reached its maximum restart intensity: child `imports` needed more than 1 restart \
/// within 60s; last exit: error
///
/// Caused by:
///     0: supervisor `shop/imports` reached its maximum restart intensity: child `importer` needed \
/// more than 1 restart within 60s; last exit: error
///     1: invalid digit found in string"
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, ThisError)]
#[non_exhaustive]
pub enum SageError {
    /// The failure of a child, described by a message. An agent is a child that has no error type of its
    /// own.
    #[error("agent error: {0}")]
    Agent(String),

    /// A supervisor reached its restart limit: one more restart would have exceeded it.
    #[error(transparent)]
    Supervisor(Box<RestartLimitReached>),

    /// A child failed to start while its supervisor itself was starting.
    #[error(transparent)]
    FailedStart(Box<FailedStart>),

    /// A supervisor shut down by itself because of a significant child that had failed.
    #[error(transparent)]
    Significant(Box<SignificantExit>),

    /// A child had been given up, because it needed more restarts than its own restart limit allows, and
    /// was down when its supervisor ended.
    #[error(transparent)]
    GivenUp(Box<GivenUp>),

    /// A child ended with an error that no restart can help, and said so: it gave itself up and was down
    /// when its supervisor ended, or it failed its supervisor or the whole tree.
    #[error(transparent)]
    Final(Box<FinalError>),

    /// The declaration of a tree breaks a rule. No child of the tree was started.
    #[error(transparent)]
    Invalid(Box<InvalidTree>),

    /// Tasks or threads were killed and did not end.
    #[error(transparent)]
    Unresponsive(Box<Unresponsive>),

    /// Children failed while they stopped, or a signal aborted the stop.
    #[error(transparent)]
    UncleanStop(Box<UncleanStop>),

    /// The supervisor vanished without a result, because the runtime it ran on was shut down.
    #[error("the runtime was shut down before the supervisor had ended")]
    RuntimeShutdown,

    /// The supervisor itself panicked, which is a defect of this crate. Everything below it was
    /// aborted.
    #[error("the supervisor itself panicked{place}, which is a defect: {0}", place = .0.place())]
    Defect(ChildPanic),

    /// An error of another type, with its source chain.
    #[error(transparent)]
    Other(ExitError),
}

impl SageError {
    /// Makes a [`SageError::Agent`], the failure of a child with this message.
    #[must_use]
    pub fn agent(message: impl Into<String>) -> Self {
        Self::Agent(message.into())
    }

    /// Converts an error of any type, which keeps its type and its source chain, as
    /// [`Exit::cause`](crate::Exit::cause) says. A `SageError` is not wrapped: it stays as it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::SageError;
    ///
    /// fn parse(text: &str) -> Result<u16, SageError> {
    ///     text.parse().map_err(SageError::other)
    /// }
    ///
    /// assert!(parse("seven").is_err());
    /// ```
    #[must_use]
    pub fn other(error: impl Into<BoxError> + 'static) -> Self {
        keep(error).into()
    }
}

/// Keeps the error of a child. A [`SageError::Other`] is a wrapper, so the error inside is kept.
pub(crate) fn keep<E: Into<BoxError> + 'static>(error: E) -> ExitError {
    let kept = ExitError::new(error);
    match kept.get_ref().downcast_ref() {
        Some(SageError::Other(inside)) => inside.clone(),
        _ => kept,
    }
}

impl fmt::Debug for SageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return chain::write_report(f, self);
        }
        match self {
            Self::Agent(message) => f.debug_tuple("Agent").field(message).finish(),
            Self::Supervisor(reached) => f.debug_tuple("Supervisor").field(reached).finish(),
            Self::FailedStart(failed) => f.debug_tuple("FailedStart").field(failed).finish(),
            Self::Significant(lost) => f.debug_tuple("Significant").field(lost).finish(),
            Self::GivenUp(given_up) => f.debug_tuple("GivenUp").field(given_up).finish(),
            Self::Final(last) => f.debug_tuple("Final").field(last).finish(),
            Self::Invalid(invalid) => f.debug_tuple("Invalid").field(invalid).finish(),
            Self::Unresponsive(left) => f.debug_tuple("Unresponsive").field(left).finish(),
            Self::UncleanStop(unclean) => f.debug_tuple("UncleanStop").field(unclean).finish(),
            Self::RuntimeShutdown => f.write_str("RuntimeShutdown"),
            Self::Defect(panic) => f.debug_tuple("Defect").field(panic).finish(),
            Self::Other(error) => f.debug_tuple("Other").field(error).finish(),
        }
    }
}

impl From<std::io::Error> for SageError {
    fn from(error: std::io::Error) -> Self {
        Self::other(error)
    }
}

impl From<BoxError> for SageError {
    /// A `SageError` in the box is unboxed; any other error becomes [`SageError::Other`].
    fn from(error: BoxError) -> Self {
        Self::other(error)
    }
}

#[cfg(feature = "anyhow")]
impl From<anyhow::Error> for SageError {
    /// A `SageError` in the `anyhow::Error` is taken out, unless it has a context; any other error becomes
    /// [`SageError::Other`]. This needs the feature `anyhow`.
    fn from(error: anyhow::Error) -> Self {
        Self::other(error)
    }
}

#[cfg(feature = "eyre")]
impl From<eyre::Report> for SageError {
    /// A `SageError` in the `eyre::Report` is taken out, unless it is wrapped; any other error becomes
    /// [`SageError::Other`]. This needs the feature `eyre`.
    fn from(error: eyre::Report) -> Self {
        Self::other(error)
    }
}

impl From<ExitError> for SageError {
    /// A `SageError` that a child returned is unwrapped; any other error becomes
    /// [`SageError::Other`].
    fn from(error: ExitError) -> Self {
        match error.get_ref().downcast_ref::<Self>() {
            Some(error) => error.clone(),
            None => Self::Other(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unresponsive(path: &str, cause: Option<SageError>) -> Unresponsive {
        Unresponsive { count: 1, paths: vec![path.to_owned()], cause }
    }

    #[test]
    fn an_earlier_error_is_the_cause() {
        let error = unresponsive("a", None).on_top_of(Some(SageError::agent("first")));
        assert_eq!(
            format!("{error:#}"),
            "killed and not ended: a, while stopping after an error: agent error: first"
        );
    }

    #[test]
    fn two_unresponsive_errors_become_one() {
        let first = unresponsive("b", Some(SageError::agent("first"))).on_top_of(None);
        let second = unresponsive("a", Some(SageError::agent("second")));
        let both = second.on_top_of(Some(first));
        assert_eq!(
            format!("{both:#}"),
            "killed and not ended: a, b, while stopping after an error: agent error: first"
        );
    }

    #[test]
    fn of_many_unresponsive_tasks_the_first_are_named_and_all_are_counted() {
        let many = |letter: char| {
            let paths = (10..40).map(|number| format!("{letter}{number}")).collect();
            Unresponsive { count: 1_000, paths, cause: None }
        };
        let SageError::Unresponsive(both) = many('b').on_top_of(Some(many('a').on_top_of(None)))
        else {
            panic!("both are unresponsive")
        };
        assert_eq!((both.count, both.paths.len()), (2_000, 32));
        assert!(both.to_string().ends_with(" a16, a17 and 1992 more"), "{both}");
    }

    #[test]
    fn a_sage_error_is_never_wrapped() {
        for error in [
            SageError::other(SageError::agent("lost")),
            SageError::from(BoxError::from(SageError::agent("lost"))),
            SageError::from(ExitError::new(SageError::agent("lost"))),
        ] {
            assert!(matches!(error, SageError::Agent(_)), "{error:?}");
        }
    }
}
