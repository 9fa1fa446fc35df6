//! The values that the future of a child may return.

use std::convert::Infallible;

use crate::error::keep;
use crate::exit::{BoxError, Exit};

/// A value that the future of a child may return: `()`, `!`, [`Infallible`], or `Result<(), E>` for any
/// error `E`.
///
/// `()` and `Ok(())` are a normal exit, or [`Exit::Shutdown`] if the instance had been asked to
/// stop. `Err` is an error exit, which keeps the error itself, as [`Exit::cause`] says. The error may be
/// of any type that converts into a [`BoxError`], including `String` and `&'static str`.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec};
/// use std::io;
///
/// async fn polite(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// async fn fallible(_: ChildContext) -> io::Result<()> {
///     Err(io::ErrorKind::TimedOut.into())
/// }
///
/// async fn endless(_: ChildContext) -> ! {
///     std::future::pending().await
/// }
///
/// let specs = [
///     ChildSpec::new("polite", polite),
///     ChildSpec::new("fallible", fallible),
///     ChildSpec::new("endless", endless),
/// ];
/// # drop(specs);
/// ```
#[diagnostic::on_unimplemented(
    message = "a child cannot finish with `{Self}`",
    label = "this child returns `{Self}`",
    note = "a child returns `()`, `Result<(), E>` with an error `E`, or never",
    note = "an error `E` is any type that converts into `Box<dyn Error + Send + Sync>`",
    note = "a future at the end of a child's body needs an `.await`, and the call of a `#[child]` function stands without a closure: `http = http(db)`"
)]
pub trait Outcome {
    #[doc(hidden)]
    fn into_exit(self, seal: Seal) -> Exit;
}

/// A parameter type that cannot be named outside of this crate, so that no other crate can
/// implement [`Outcome`].
#[derive(Debug)]
pub struct Seal;

#[diagnostic::do_not_recommend]
impl Outcome for () {
    fn into_exit(self, _: Seal) -> Exit {
        Exit::Normal
    }
}

#[diagnostic::do_not_recommend]
impl<E> Outcome for Result<(), E>
where
    E: Into<BoxError> + 'static,
{
    fn into_exit(self, _: Seal) -> Exit {
        match self {
            Ok(()) => Exit::Normal,
            Err(error) => Exit::Error(keep(error)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl Outcome for Infallible {
    fn into_exit(self, _: Seal) -> Exit {
        match self {}
    }
}

/// The return type of a function type. Stable Rust allows `!` only as a return type, so `Never`
/// takes it from one.
#[doc(hidden)]
pub trait Returns {
    type Output;
}

impl<R> Returns for fn() -> R {
    type Output = R;
}

pub(crate) type Never = <fn() -> ! as Returns>::Output;

#[diagnostic::do_not_recommend]
impl Outcome for Never {
    fn into_exit(self, _: Seal) -> Exit {
        self
    }
}
