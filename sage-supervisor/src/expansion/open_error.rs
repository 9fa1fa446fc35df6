//! Closures that may leave their error type open, and the error that they then have.
//!
//! Whether a closure leaves its error type open is decided by the compiler. The method
//! [`child`](Open::child) of [`Open`] is inherent, and wins over that of the trait [`Fixed`] wherever the
//! error of the closure is [`OpenError`] *or could still become it*: then it becomes it. In all other
//! cases the closure has an error of its own, or none, and the method of the trait makes the same child as
//! if the closure had been passed to [`closure`]. The types of closures with `clone(..)` and `lend(..)` are
//! built in the same way.
//!
//! The types carry the type of the future, and the methods return a spec, and no closure: an `impl Fn(..)`
//! for each child makes the compiler take three times as long.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{Captures, closure, closure_cloning, closure_lending};
use crate::child::Claims;
use crate::error::keep;
use crate::exit::{BoxError, ExitError};
use crate::{ChildContext, ChildSpec, Outcome};

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

/// A closure that may leave its error type open, and how it is called: the methods need not require again
/// that it is a closure.
pub struct Open<F, Fut> {
    start: F,
    call: fn(&F, ChildContext) -> Fut,
}

impl<F, Fut> fmt::Debug for Open<F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").finish_non_exhaustive()
    }
}

/// Takes a closure that may leave its error type open. This alone requires nothing that a child needs, so
/// that what is missing is reported once.
pub fn open<F, Fut>(start: F) -> Open<F, Fut>
where
    F: Fn(ChildContext) -> Fut, // the closure is called at every start: hand values over with `clone(..)` or `lend(..)`
{
    Open { start, call: |start, ctx| start(ctx) }
}

impl<F, Fut> Open<F, Fut>
where
    Fut: Future<Output = Result<(), Box<OpenError>>>,
{
    /// Makes a child from a closure that has left its error open.
    pub fn child(self, name: &str) -> ChildSpec
    where
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static, // the closure outlives the block: use `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
    {
        let Self { start, call } = self;
        ChildSpec::new(name, move |ctx| Opened::new(call(&start, ctx)))
    }
}

/// A closure that does not leave its error type open.
pub trait Fixed<F, Fut> {
    /// Makes a child from the closure as it is.
    fn child(self, name: &str) -> ChildSpec
    where
        F: Fn(ChildContext) -> Fut,
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static, // the closure outlives the block: use `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
        Fut: Future, // write `async |ctx| ..`, or `|ctx| async move { .. }`; a `#[child]` function is called without a closure
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome;
}

impl<F, Fut> Fixed<F, Fut> for Open<F, Fut> {
    fn child(self, name: &str) -> ChildSpec
    where
        F: Fn(ChildContext) -> Fut,
        F: Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: Outcome,
    {
        closure(name, self.start)
    }
}

/// An [`Open`] closure with `clone(..)`, which is made anew for every start.
#[derive(Debug)]
pub struct OpenCloning<C, M, F, Fut>(C, M, PhantomData<fn() -> (F, Fut)>);

/// Does the same as [`open`], for a closure with `clone(..)`.
pub fn open_cloning<C, M, F, Fut>(captures: C, make: M) -> OpenCloning<C, M, F, Fut>
where
    C: Captures,
    M: Fn(C::Values) -> F, // the closure is called at every start: add the value to `clone(..)` or `lend(..)`
    F: FnOnce(ChildContext) -> Fut,
{
    OpenCloning(captures, make, PhantomData)
}

impl<C, M, F, Fut> OpenCloning<C, M, F, Fut>
where
    C: Captures + Send + Sync + 'static,
    M: Fn(C::Values) -> F,
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), Box<OpenError>>>,
{
    /// Makes a child from a closure that has left its error open.
    pub fn child(self, name: &str) -> ChildSpec
    where
        M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        M: 'static, // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
    {
        let Self(captures, make, _) = self;
        ChildSpec::new(name, move |ctx| Opened::new(make(captures.values())(ctx)))
    }
}

/// Does the same as [`Fixed`], for a closure with `clone(..)`.
pub trait FixedCloning<C: Captures, M, F, Fut> {
    /// Makes a child from the closure as it is.
    fn child(self, name: &str) -> ChildSpec
    where
        C: Send + Sync + 'static,
        M: Fn(C::Values) -> F,
        M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        M: 'static, // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
        F: FnOnce(ChildContext) -> Fut,
        Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome;
}

impl<C: Captures, M, F, Fut> FixedCloning<C, M, F, Fut> for OpenCloning<C, M, F, Fut> {
    fn child(self, name: &str) -> ChildSpec
    where
        C: Send + Sync + 'static,
        M: Fn(C::Values) -> F,
        M: Send + Sync + 'static,
        F: FnOnce(ChildContext) -> Fut,
        Fut: Future + Send + 'static,
        Fut::Output: Outcome,
    {
        closure_cloning(name, self.0, self.1)
    }
}

/// An [`Open`] closure with `lend(..)`, which is made anew for every start.
#[derive(Debug)]
pub struct OpenLending<L, C, M, F, Fut>(L, C, M, PhantomData<fn() -> (F, Fut)>);

/// Does the same as [`open`], for a closure with `lend(..)`.
pub fn open_lending<L, C, M, F, Fut>(
    claims: L,
    captures: C,
    make: M,
) -> OpenLending<L, C, M, F, Fut>
where
    L: Claims,
    C: Captures,
    M: Fn(L::Values, C::Values) -> F, // the closure is called at every start: add the value to `clone(..)` or `lend(..)`
    F: FnOnce(ChildContext) -> Fut,
{
    OpenLending(claims, captures, make, PhantomData)
}

impl<L, C, M, F, Fut> OpenLending<L, C, M, F, Fut>
where
    L: Claims + Send + Sync + 'static,
    C: Captures + Send + Sync + 'static,
    M: Fn(L::Values, C::Values) -> F,
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), Box<OpenError>>>,
{
    /// Makes a child from a closure that has left its error open.
    pub fn child(self, name: &str) -> ChildSpec
    where
        M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        M: 'static, // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
    {
        let Self(claims, captures, make, _) = self;
        closure_lending(name, claims, captures, move |lent, values| {
            let start = make(lent, values);
            move |ctx| Opened::new(start(ctx))
        })
    }
}

/// Does the same as [`Fixed`], for a closure with `lend(..)`.
pub trait FixedLending<L: Claims, C: Captures, M, F, Fut> {
    /// Makes a child from the closure as it is.
    fn child(self, name: &str) -> ChildSpec
    where
        L: Send + Sync + 'static,
        C: Send + Sync + 'static,
        M: Fn(L::Values, C::Values) -> F,
        M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        M: 'static, // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
        F: FnOnce(ChildContext) -> Fut,
        Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome;
}

impl<L, C, M, F, Fut> FixedLending<L, C, M, F, Fut> for OpenLending<L, C, M, F, Fut>
where
    L: Claims,
    C: Captures,
{
    fn child(self, name: &str) -> ChildSpec
    where
        L: Send + Sync + 'static,
        C: Send + Sync + 'static,
        M: Fn(L::Values, C::Values) -> F,
        M: Send + Sync + 'static,
        F: FnOnce(ChildContext) -> Fut,
        Fut: Future + Send + 'static,
        Fut::Output: Outcome,
    {
        closure_lending(name, self.0, self.1, self.2)
    }
}
