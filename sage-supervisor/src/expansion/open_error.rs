//! Closures that may leave their error type open, and the error that they then have.
//!
//! Whether a closure leaves its error type open is decided by the compiler. The method
//! [`with_error`](Open::with_error) of [`Open`] is inherent, and wins over that of the trait [`Fixed`]
//! wherever the error of the closure is [`OpenError`] *or could still become it*: then it becomes it. In
//! all other cases the closure has an error of its own, or none, and the method of the trait returns the
//! closure as it is.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::ChildContext;
use crate::error::keep;
use crate::exit::{BoxError, ExitError};

/// The error of a closure that leaves its error type open, as the constructors require it: in a box.
///
/// Any error converts into this one and keeps its type, while the conversion of an `anyhow::Error` into a
/// [`BoxError`] would hide it. The box is part of the type so that `Box::from` is such a conversion too.
#[derive(Debug)]
pub struct OpenError(ExitError);

impl<E> From<E> for Box<OpenError>
where
    E: Into<BoxError> + 'static,
{
    fn from(error: E) -> Self {
        Self::new(OpenError(keep(error)))
    }
}

pin_project! {
    /// The future of such a closure, with the outcome of a child.
    pub struct Opened<Fut> {
        #[pin]
        future: Fut,
    }
}

impl<Fut> Opened<Fut> {
    pub(super) fn new(future: Fut) -> Self {
        Self { future }
    }
}

impl<Fut, T> Future for Opened<Fut>
where
    Fut: Future<Output = Result<T, Box<OpenError>>>,
{
    type Output = Result<(), ExitError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = std::task::ready!(self.project().future.poll(cx));
        // A value in the `Ok` is dropped. `Nothing` says of which type it is.
        Poll::Ready(result.map(drop).map_err(|error| error.0))
    }
}

/// A closure that may leave its error type open.
#[derive(Debug)]
pub struct Open<F>(F);

/// Takes a closure that may leave its error type open. This alone requires nothing that a child needs, so
/// that what is missing is reported once.
pub fn open<F, Fut>(start: F) -> Open<F>
where
    F: Fn(ChildContext) -> Fut, // the closure is called at every start: hand values over with `clone(..)` or `lend(..)`
{
    Open(start)
}

impl<F, Fut> Open<F>
where
    F: Fn(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), Box<OpenError>>>,
{
    /// Returns the closure with the error that it has left open.
    pub fn with_error(
        self,
    ) -> impl Fn(ChildContext) -> Opened<Fut> + Send + Sync + 'static + use<F, Fut>
    where
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static, // the closure outlives the block: use `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
    {
        let start = self.0;
        move |ctx| Opened::new(start(ctx))
    }
}

/// A closure that does not leave its error type open.
pub trait Fixed {
    /// The closure.
    type Start;

    /// Returns the closure as it is.
    fn with_error(self) -> Self::Start;
}

impl<F> Fixed for Open<F> {
    type Start = F;

    fn with_error(self) -> F {
        self.0
    }
}

/// An [`Open`] closure that is made anew for every start.
#[derive(Debug)]
pub struct OpenOnce<F>(F);

/// Does the same as [`open`], for a closure that is made anew for every start.
pub fn open_once<F, Fut>(start: F) -> OpenOnce<F>
where
    F: FnOnce(ChildContext) -> Fut,
{
    OpenOnce(start)
}

impl<F, Fut> OpenOnce<F>
where
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), Box<OpenError>>>,
{
    /// Returns the closure with the error that it has left open.
    pub fn with_error(self) -> impl FnOnce(ChildContext) -> Opened<Fut> + use<F, Fut>
    where
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
    {
        let start = self.0;
        move |ctx| Opened::new(start(ctx))
    }
}

/// Does the same as [`Fixed`], for a closure that is made anew for every start.
pub trait FixedOnce {
    /// The closure.
    type Start;

    /// Returns the closure as it is.
    fn with_error(self) -> Self::Start;
}

impl<F> FixedOnce for OpenOnce<F> {
    type Start = F;

    fn with_error(self) -> F {
        self.0
    }
}
