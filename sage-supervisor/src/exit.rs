//! The ways in which an instance of a child ends.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::contain::{ChildPanic, Contained, contain};

/// An error of any thread-safe type.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// The way in which one instance of a child ended.
///
/// The child's [`RestartPolicy`] decides what follows from an exit. The next instance finds the
/// exit in [`ChildContext::previous_exit`], and an error that ends a supervisor carries it in
/// [`RestartLimitReached::exit`]. The text of an exit includes all sources of an error.
///
/// [`ChildContext::previous_exit`]: crate::ChildContext::previous_exit
/// [`RestartLimitReached::exit`]: crate::RestartLimitReached::exit
/// [`RestartPolicy`]: crate::RestartPolicy
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Exit {
    /// The instance returned `()` or `Ok(())` without having been asked to stop.
    Normal,
    /// The instance was asked to stop, and returned `()` or `Ok(())`.
    Shutdown,
    /// The instance returned this error. A nested supervisor that fails ends like this too, with
    /// its [`SageError`](crate::SageError).
    Error(ExitError),
    /// The instance panicked: in its start function, in its future, or in a destructor.
    Panic(ChildPanic),
    /// The task of the instance was aborted, its process was killed, or the runtime dropped its
    /// task.
    Killed,
    /// The instance declares a heartbeat, gave none within this time, and was aborted.
    HeartbeatMissed(Duration),
    /// The start of the instance failed: the instance was not ready in time, or ended before it was
    /// ready, normally or not, or one of its lent values had not come back.
    FailedStart(StartFailure),
}

/// The reason for which a start failed. The start of a child can fail if the child declares readiness,
/// is lent a value, or is a nested supervisor.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StartFailure {
    /// The instance was not ready within this time, and was stopped.
    NotReady(Duration),
    /// The instance ended in this way before it was ready.
    Ended(Arc<Exit>),
    /// The start function was not called, because a value [lent](crate::Lent) to the child was
    /// still held. An earlier instance had moved the value elsewhere.
    LentValueMissing,
}

impl Exit {
    /// Returns `true` if the instance failed, that is, for every exit but [`Normal`](Self::Normal)
    /// and [`Shutdown`](Self::Shutdown).
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Normal | Self::Shutdown)
    }

    /// The error that the instance returned, or its panic.
    ///
    /// This is the error of the child itself, without a wrapper, so it can be downcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Exit, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    /// use std::io::{self, ErrorKind};
    ///
    /// fn was_refused(exit: &Exit) -> bool {
    ///     let error = exit.cause().and_then(|cause| cause.downcast_ref::<io::Error>());
    ///     error.is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    /// }
    ///
    /// async fn client(ctx: ChildContext) -> io::Result<()> {
    ///     if ctx.previous_exit().is_some_and(was_refused) {
    ///         return Ok(()); // works offline
    ///     }
    ///     Err(ErrorKind::ConnectionRefused.into())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let client = ChildSpec::new("client", client).restart(RestartPolicy::Transient);
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.children([client]).run().await
    /// # }
    /// ```
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Error(error) => Some(error.get_ref()),
            Self::Panic(panic) => Some(panic),
            Self::FailedStart(StartFailure::Ended(exit)) => exit.cause(),
            Self::FailedStart(StartFailure::NotReady(_) | StartFailure::LentValueMissing)
            | Self::Normal
            | Self::Shutdown
            | Self::HeartbeatMissed(_)
            | Self::Killed => None,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::Error(error) => {
                write!(f, "error: {error}")?;
                error.fmt_sources(f)
            }
            Self::Panic(panic) => write!(f, "panic: {panic}"),
            Self::Killed => f.write_str("killed"),
            Self::HeartbeatMissed(within) => write!(f, "no heartbeat within {within:?}"),
            Self::FailedStart(failure) => write!(f, "failed start: {failure}"),
        }
    }
}

impl fmt::Display for StartFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady(within) => write!(f, "not ready within {within:?}"),
            Self::Ended(exit) => write!(f, "the child ended before it was ready: {exit}"),
            Self::LentValueMissing => f.write_str("a lent value is still held elsewhere"),
        }
    }
}

/// An error that a child returned, shared by everything that reports it.
///
/// The error itself is inside, with its source chain. [`get_ref`](Self::get_ref) returns it, to be
/// downcast or walked. A panic in its `Display` or its destructor is contained.
#[derive(Clone)]
pub struct ExitError(Arc<Contained<BoxError>>);

impl ExitError {
    pub(crate) fn new(error: impl Into<BoxError>) -> Self {
        Self(Arc::new(Contained::new(error.into())))
    }

    /// Returns the error as the child returned it.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &**self.0.get()
    }
}

impl ExitError {
    /// Writes the sources of the error. A source is left out if the text before it already ends
    /// with the source's text, because many errors, those of this crate among them, include their
    /// source in their own text.
    fn fmt_sources(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = contain(|| {
            let mut text = self.get_ref().to_string();
            let mut added = String::new();
            let mut next = self.get_ref().source();
            while let Some(source) = next {
                let source_text = source.to_string();
                if !text.ends_with(&source_text) {
                    added.push_str(": ");
                    added.push_str(&source_text);
                }
                text = source_text;
                next = source.source();
            }
            added
        });
        // The sources are left out if one of them panics when it is shown.
        f.write_str(&sources.unwrap_or_default())
    }
}

impl fmt::Display for ExitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match contain(|| self.get_ref().to_string()) {
            Ok(text) => f.pad(&text),
            Err(_) => f.write_str("an error whose `Display` panics"),
        }
    }
}

impl fmt::Debug for ExitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match contain(|| format!("{:?}", self.get_ref())) {
            Ok(text) => f.pad(&text),
            Err(_) => f.write_str("an error whose `Debug` panics"),
        }
    }
}

impl Error for ExitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.get_ref().source()
    }
}
