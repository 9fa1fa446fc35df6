//! The errors that a supervisor ends with.

mod failed;
mod given_up;
mod invalid;
mod limit;
mod unclean;
mod unresponsive;

use thiserror::Error as ThisError;

pub use self::failed::{FailedStart, SignificantExit};
pub use self::given_up::GivenUp;
pub use self::invalid::{InvalidTree, InvalidTreeKind};
pub use self::limit::RestartLimitReached;
pub use self::unclean::UncleanStop;
pub use self::unresponsive::Unresponsive;

use crate::contain::ChildPanic;
use crate::exit::{BoxError, ExitError};

/// The result of a supervisor, and of a child that uses this crate's error.
pub type SageResult<T> = Result<T, SageError>;

/// The error that a supervision tree, or a child of it, ends with.
///
/// A clone shares the error of the child with the original. [`SageError::other`] makes one of any other
/// error, and `?` converts [`std::io::Error`] and [`BoxError`] by itself.
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
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, ThisError)]
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
    #[error("the supervisor itself panicked, which is a defect: {0}")]
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

    /// Converts an error of any type, which keeps its source chain. A `SageError` is not wrapped: it
    /// stays as it is.
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
    pub fn other(error: impl Into<BoxError>) -> Self {
        match error.into().downcast::<Self>() {
            Ok(error) => *error,
            Err(error) => Self::Other(ExitError::new(error)),
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

    /// The text of an error with its sources.
    fn chain(error: &SageError) -> String {
        let first: &dyn std::error::Error = error;
        let all = std::iter::successors(Some(first), |error| error.source());
        all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }

    #[test]
    fn an_earlier_error_is_the_cause() {
        let error = unresponsive("a", None).on_top_of(Some(SageError::agent("first")));
        assert_eq!(
            chain(&error),
            "killed and not ended: a, while stopping after an error: agent error: first"
        );
    }

    #[test]
    fn two_unresponsive_errors_become_one() {
        let first = unresponsive("b", Some(SageError::agent("first"))).on_top_of(None);
        let second = unresponsive("a", Some(SageError::agent("second")));
        let both = second.on_top_of(Some(first));
        assert_eq!(
            chain(&both),
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
