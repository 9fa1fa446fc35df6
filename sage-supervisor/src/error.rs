//! Why a supervisor ended with an error.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use thiserror::Error as ThisError;

use crate::contain::ChildPanic;
use crate::exit::{BoxError, Exit, ExitError, StartFailure};

/// The result of a supervisor, and of a child that uses this crate's error.
pub type SageResult<T> = Result<T, SageError>;

/// What goes wrong in a supervision tree.
///
/// A clone shares the error of the child with the original. Any other error becomes one by
/// [`SageError::other`]; `?` converts [`std::io::Error`] and [`BoxError`] by itself.
///
/// # Examples
///
/// The importer can never succeed, so its supervisor gives up, and so does the one above that:
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
    /// A child's own failure, in its own words. An agent is a child that has no error type of its own.
    #[error("agent error: {0}")]
    Agent(String),

    /// The breaker of a supervisor tripped: one more restart would have been too many.
    #[error(transparent)]
    Supervisor(Box<RestartLimitReached>),

    /// A child failed to start while its supervisor itself was starting.
    #[error(transparent)]
    FailedStart(Box<FailedStart>),

    /// A supervisor shut down by itself because of a significant child that had failed.
    #[error(transparent)]
    Significant(Box<SignificantExit>),

    /// The declaration of a tree broke a rule; nothing of it was started.
    #[error(transparent)]
    Invalid(Box<InvalidTree>),

    /// Tasks were aborted and did not end.
    #[error(transparent)]
    Unresponsive(Box<Unresponsive>),

    /// The supervisor vanished without a result, because the runtime it ran on was shut down.
    #[error("the runtime was shut down before the supervisor had ended")]
    RuntimeShutdown,

    /// The supervisor itself panicked, which is a defect of this crate. Everything below it was
    /// aborted.
    #[error("the supervisor itself panicked, which is a defect: {0}")]
    Defect(ChildPanic),

    /// An error of another type, source chain and all.
    #[error(transparent)]
    Other(ExitError),
}

impl SageError {
    /// A child's own failure, in its own words: [`SageError::Agent`].
    #[must_use]
    pub fn agent(message: impl Into<String>) -> Self {
        Self::Agent(message.into())
    }

    /// Takes in an error of any type, which keeps its source chain. A `SageError` stays what it is.
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
    /// A `SageError` in the box comes out again; anything else becomes [`SageError::Other`].
    fn from(error: BoxError) -> Self {
        Self::other(error)
    }
}

impl From<ExitError> for SageError {
    /// A `SageError` that a child returned comes out again; anything else becomes
    /// [`SageError::Other`].
    fn from(error: ExitError) -> Self {
        match error.get_ref().downcast_ref::<Self>() {
            Some(error) => error.clone(),
            None => Self::Other(error),
        }
    }
}

/// A supervisor gave up: a child was to be restarted, and the limit did not allow it.
///
/// Its [`source`](Error::source) is the error or panic of the child's last exit. [`SageError`]
/// shows how to get at it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RestartLimitReached {
    /// The path of the supervisor in the tree, such as `shop/storage`.
    pub path: String,
    /// The name of the child whose restart was refused.
    pub child: String,
    /// How many restarts the limit allows.
    pub max_restarts: u32,
    /// The window they are counted in.
    pub within: Duration,
    /// How the child ended.
    pub exit: Exit,
}

impl fmt::Display for RestartLimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, child, max_restarts, within, exit } = self;
        let restarts = if *max_restarts == 1 { "restart" } else { "restarts" };
        write!(
            f,
            "supervisor `{path}` reached its maximum restart intensity: child `{child}` needed more \
             than {max_restarts} {restarts} within {within:?}; last exit: {exit}"
        )
    }
}

impl Error for RestartLimitReached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}

/// A child failed to start while its supervisor itself was starting: that is not retried. What had
/// been started was stopped again, in reverse order.
///
/// Its [`source`](Error::source) is the error or panic the start ended with; for a nested
/// supervisor the failed start below, with the path of the child there.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedStart {
    /// The path of the child, such as `shop/storage/writer`.
    pub path: String,
    /// How its first instance ended.
    pub exit: Exit,
}

impl fmt::Display for FailedStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "child `{}` did not start: {}", self.path, self.exit)
    }
}

impl Error for FailedStart {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}

/// A significant child failed and was not to be restarted, and its supervisor shut down by itself.
///
/// Its [`source`](Error::source) is the error or panic of the child.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignificantExit {
    /// The path of the child, such as `shop/storage/writer`.
    pub path: String,
    /// How it ended.
    pub exit: Exit,
}

impl fmt::Display for SignificantExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "significant child `{}` failed: {}", self.path, self.exit)
    }
}

impl Error for SignificantExit {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}

/// A rule that the declaration of a tree breaks. The whole tree is checked before any of it starts.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, InvalidRule, RestartConfig, SageError};
/// use sage_supervisor::{Strategy, Supervisor};
///
/// async fn worker(_: ChildContext) {}
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let error = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .child("worker", worker)
///     .child("worker", worker)
///     .run()
///     .await
///     .unwrap_err();
/// let SageError::Invalid(invalid) = error else { panic!("{error}") };
/// assert_eq!(invalid.path, "root");
/// assert_eq!(invalid.rule, InvalidRule::DuplicateName("worker".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("invalid supervision tree: supervisor `{}`: {rule}", path.escape_debug())]
#[non_exhaustive]
pub struct InvalidTree {
    /// The path of the supervisor whose declaration it is, such as `shop/storage`.
    pub path: String,
    /// The rule.
    pub rule: InvalidRule,
}

/// Which rule a declaration breaks.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum InvalidRule {
    /// A name is empty.
    #[error("a name is empty")]
    EmptyName,
    /// A name contains `/`, which separates the names of a path, or a control character.
    #[error("the name {0:?} contains `/` or a control character")]
    BadName(String),
    /// Two siblings have one name.
    #[error("two children are named `{0}`")]
    DuplicateName(String),
    /// Supervisors are nested deeper than this many levels, the root included.
    #[error("it is nested more than {0} levels deep")]
    TooDeep(usize),
    /// A child that cannot say that it is ready is to be ready within some time: its start function
    /// takes no context, or it is a nested supervisor, which is ready when its children are.
    #[error("child `{0}` cannot say that it is ready")]
    ReadyWithoutContext(String),
    /// A child is given no time to become ready.
    #[error("child `{0}` is given no time to become ready")]
    ZeroReadyWithin(String),
    /// A permanent child is significant: it is always restarted, so it never ends for good.
    #[error("child `{0}` is permanent, so it cannot be significant")]
    SignificantPermanent(String),
    /// A child is significant, and its supervisor never shuts down by itself.
    #[error("child `{0}` is significant, but the supervisor's auto-shutdown is `Never`")]
    SignificantForNothing(String),
    /// One dynamic supervisor is listed in two places.
    #[error("it is listed in two places of the tree")]
    ListedTwice,
    /// A template that is shared by several children is a supervisor, which keeps what belongs to
    /// one.
    #[error("a supervisor cannot be a shared template")]
    SharedSupervisor,
    /// The window of the restart limit is zero.
    #[error("the window of its restart limit is zero")]
    ZeroWindow,
}

/// Tasks that were aborted and had not ended when the kill grace was over.
///
/// They never yielded: an abort takes effect only where a task does. One that ends late, but before
/// its supervisor does, is not among them, unless the supervisor had given up waiting for it.
/// [`Supervisor::kill_grace`] and [`Supervisor::give_up_after`] have examples.
///
/// [`Supervisor::give_up_after`]: crate::Supervisor::give_up_after
/// [`Supervisor::kill_grace`]: crate::Supervisor::kill_grace
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Unresponsive {
    /// The paths of the children that have not ended, such as `shop/storage/writer`.
    pub paths: Vec<String>,
    /// What the supervisor would have ended with otherwise; it is the
    /// [`source`](Error::source).
    pub cause: Option<SageError>,
}

impl Unresponsive {
    /// What a nested supervisor says of tasks that do not end, if that is what it ended with.
    pub(crate) fn of(exit: &Exit) -> Option<&Self> {
        let error = match exit {
            Exit::Error(error) => error,
            Exit::FailedStart(StartFailure::Ended(exit)) => return Self::of(exit),
            _ => return None,
        };
        match error.get_ref().downcast_ref() {
            Some(SageError::Unresponsive(below)) => Some(below),
            _ => None,
        }
    }

    /// The error that says this and what was known before.
    pub(crate) fn on_top_of(mut self, before: Option<SageError>) -> SageError {
        let before = match before {
            Some(SageError::Unresponsive(before)) => {
                self.paths.extend(before.paths);
                before.cause
            }
            before => before,
        };
        self.paths.sort_unstable();
        self.paths.dedup();
        self.cause = before.or(self.cause);
        SageError::Unresponsive(Box::new(self))
    }
}

impl fmt::Display for Unresponsive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "aborted and not ended: {}", self.paths.join(", "))?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, "; stopped because: {cause}"))
    }
}

impl Error for Unresponsive {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unresponsive(path: &str, cause: Option<SageError>) -> Unresponsive {
        Unresponsive { paths: vec![path.to_owned()], cause }
    }

    #[test]
    fn what_was_known_before_is_the_cause() {
        let error = unresponsive("a", None).on_top_of(Some(SageError::agent("first")));
        assert_eq!(
            error.to_string(),
            "aborted and not ended: a; stopped because: agent error: first"
        );
    }

    #[test]
    fn two_that_do_not_end_are_one_error() {
        let first = unresponsive("b", Some(SageError::agent("first"))).on_top_of(None);
        let second = unresponsive("a", Some(SageError::agent("second")));
        let both = second.on_top_of(Some(first));
        assert_eq!(
            both.to_string(),
            "aborted and not ended: a, b; stopped because: agent error: first"
        );
    }

    #[test]
    fn our_own_error_is_never_wrapped() {
        for error in [
            SageError::other(SageError::agent("lost")),
            SageError::from(BoxError::from(SageError::agent("lost"))),
            SageError::from(ExitError::new(SageError::agent("lost"))),
        ] {
            assert!(matches!(error, SageError::Agent(_)), "{error:?}");
        }
    }
}
