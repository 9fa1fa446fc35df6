//! The ways in which an instance of a child ends.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::chain::{self, OneLine};
use crate::contain::{ChildPanic, Contained};
use crate::returned::{Returned, take};

/// An error of any thread-safe type.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// The way in which one instance of a child ended.
///
/// The child's [`RestartPolicy`] decides what follows from an exit. The next instance finds the
/// exit in [`ChildContext::previous_exit`], and an error that ends a supervisor carries it in
/// [`RestartLimitReached::exit`]. The text of an exit is one line, which tells each source of an error once.
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
    /// This is the error of the child itself, without a wrapper, so it can be downcast:
    ///
    /// - An error of a type that implements [`Error`] is found under that type.
    /// - Of a [`SageError::Other`](crate::SageError::Other), the error inside is found.
    /// - An `anyhow::Error` is found as the error that it was made of, if the feature `anyhow` is on, and an
    ///   `eyre::Report` likewise with the feature `eyre`. With `context(..)` or `wrap_err(..)`, the error is
    ///   one of the [sources](Error::source) of the cause. Without the feature, such an error keeps its
    ///   texts, and nothing can be downcast but its sources.
    /// - A box is found as the error in it. Code that turns an `anyhow::Error` or an `eyre::Report` into a
    ///   box by itself, for example by `?` in a function that returns a [`BoxError`], hides the type.
    ///   `?` in a closure of a `supervisor!` block keeps it.
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

/// The text of an exit without its [`cause`](Exit::cause), for an error whose source is that cause.
pub(crate) struct OwnText<'a, T>(&'a T);

impl Exit {
    /// Returns the text of the exit without its cause.
    pub(crate) fn own_text(&self) -> OwnText<'_, Self> {
        OwnText(self)
    }

    fn write_cause(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause().map_or(Ok(()), |cause| write!(f, ": {}", OneLine(cause)))
    }
}

impl StartFailure {
    /// Returns the text of the failure without its cause.
    pub(crate) fn own_text(&self) -> OwnText<'_, Self> {
        OwnText(self)
    }
}

impl fmt::Display for OwnText<'_, Exit> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Exit::Normal => f.write_str("normal"),
            Exit::Shutdown => f.write_str("shutdown"),
            Exit::Error(_) => f.write_str("error"),
            Exit::Panic(panic) => match panic.location() {
                Some(location) => write!(f, "panicked at {location}"),
                None => f.write_str("panic"),
            },
            Exit::Killed => f.write_str("killed"),
            Exit::HeartbeatMissed(within) => write!(f, "no heartbeat within {within:?}"),
            Exit::FailedStart(failure) => write!(f, "failed start: {}", failure.own_text()),
        }
    }
}

impl fmt::Display for OwnText<'_, StartFailure> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            StartFailure::NotReady(within) => write!(f, "not ready within {within:?}"),
            StartFailure::Ended(exit) => {
                write!(f, "the child ended before it was ready: {}", exit.own_text())
            }
            StartFailure::LentValueMissing => f.write_str("a lent value is still held elsewhere"),
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.own_text())?;
        self.write_cause(f)
    }
}

impl fmt::Display for StartFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.own_text())?;
        match self {
            Self::Ended(exit) => exit.write_cause(f),
            Self::NotReady(_) | Self::LentValueMissing => Ok(()),
        }
    }
}

/// An error that a child returned, shared by everything that reports it.
///
/// The error itself is inside, with its source chain. [`get_ref`](Self::get_ref) returns it, to be
/// downcast or walked. A panic in its `Display` or its destructor is contained.
///
/// The [`Display`](fmt::Display) of an `ExitError` is that of the error inside; `{:#}` adds all sources,
/// in one line. A text of more than 16 KiB is cut off.
#[derive(Clone)]
pub struct ExitError(Arc<Kept>);

/// An error, and what was found out about it.
struct Kept {
    error: Contained<Returned>,
    /// See [`ExitError::weight`].
    weight: OnceLock<usize>,
}

impl ExitError {
    /// Keeps an error. An error that is kept already is shared.
    pub(crate) fn new<E: Into<BoxError> + 'static>(error: E) -> Self {
        // A value in an `Option` can be moved out of it once its type is known.
        let mut error = Some(error);
        if let Some(kept) = take::<Self>(&mut error) {
            return kept;
        }
        let error = match Returned::of_wrapper(&mut error) {
            Some(error) => error,
            None => Returned::Boxed(error.expect("nothing has taken the error").into()),
        };
        Self(Arc::new(Kept { error: Contained::new(error), weight: OnceLock::new() }))
    }

    /// Returns the error of the child, to be shown, walked or downcast. [`Exit::cause`] says what a
    /// downcast finds.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.0.error.get().as_error()
    }

    /// Returns about how many bytes the error holds, or `usize::MAX` if that cannot be found out with
    /// reasonable effort.
    pub(crate) fn weight(&self) -> usize {
        // Several events share one error, whose text may be costly.
        *self.0.weight.get_or_init(|| chain::weight(self.get_ref()).unwrap_or(usize::MAX))
    }
}

impl fmt::Display for ExitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return OneLine(self.get_ref()).fmt(f);
        }
        f.pad(&chain::own_text(self.get_ref()))
    }
}

impl fmt::Debug for ExitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&chain::text_of(format_args!("{:?}", self.0.error.get()), "Debug"))
    }
}

impl Error for ExitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.get_ref().source()
    }
}
