//! The error of a closure whose error type is left open.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

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
    pub(super) struct Opened<Fut> {
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
