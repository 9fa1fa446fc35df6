//! What the macros expand to. Not public API.
//!
//! The bounds stand one to a line because rustc prints the line of a bound that is violated,
//! comment and all.

pub mod ide;
mod lending;
mod valued;

use std::fmt;
use std::sync::Arc;

pub use std::time::Duration;

pub use sage_supervisor_macros::supervisor_impl;
pub use sage_supervisor_policy::{Setting, Sibling, WrittenChild, WrittenStart, WrittenTree};

pub use self::lending::{Lendable, closure_lending, fallible_lending, lend};
pub use self::valued::{Nothing, valued, valued_cloning, valued_lending};
pub use crate::child::{Loan, Loans};

use crate::{BoxError, ChildContext, ChildSpec, IntoChild, Outcome, RestartConfig};
use crate::{DeclaredTree, Supervisor};

#[must_use]
pub fn default_config() -> RestartConfig {
    RestartConfig::default()
}

/// An expression that was evaluated once.
pub fn child<C>(name: &str, child: C) -> ChildSpec
where
    C: IntoChild, // an `async fn(ChildContext)` by its name, a `#[child]` function by a call, a blocking one by `ChildSpec::blocking`
{
    child.into_child(name.to_owned())
}

/// What a named tree returns. The last part of `function` is its name if it has no other.
pub fn called(function: &'static str, supervisor: Supervisor) -> Supervisor {
    supervisor.called(function)
}

/// The call of a named tree, with the tree as which it was checked.
pub fn tree<C>(name: &str, call: C, tree: &DeclaredTree<'static>) -> ChildSpec
where
    C: IntoChild, // a named tree is a function that `supervisor!` declares, and returns a `Supervisor`
{
    call.into_child(name.to_owned()).checked_as(tree.function())
}

/// With constants behind it that the compiler evaluates.
pub fn checked(supervisor: Supervisor, (): ()) -> Supervisor {
    supervisor
}

/// In place of a start that was reported.
pub fn missing(name: &str) -> ChildSpec {
    ChildSpec::without_context(name, || async {})
}

pub fn closure<F, Fut>(name: &str, start: F) -> ChildSpec
where
    F: Fn(ChildContext) -> Fut, // called at every start: hand values over with `clone(..)` or `lend(..)`
    F: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    F: 'static, // outlives the block: `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
    Fut: Future, // `async |ctx| ..`, or `|ctx| async move { .. }`
    Fut: Send,  // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
    Fut::Output: Outcome,
{
    ChildSpec::new(name, start)
}

/// A closure with outcomes such as `?` and `Ok(..)`, which leave its error type open.
pub fn fallible<F, Fut>(name: &str, start: F) -> ChildSpec
where
    F: Fn(ChildContext) -> Fut, // called at every start: hand values over with `clone(..)` or `lend(..)`
    F: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    F: 'static, // outlives the block: `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
    Fut: Future<Output = Result<(), BoxError>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send,  // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
{
    ChildSpec::new(name, start)
}

/// `make` is handed fresh clones for every start, so the closure it returns may consume them.
pub fn closure_cloning<C, M, F, Fut>(name: &str, captures: C, make: M) -> ChildSpec
where
    C: Captures + Send + Sync + 'static,
    M: Fn(C::Values) -> F, // called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future, // `async move |ctx| ..`, or `move |ctx| async move { .. }`
    Fut: Send,   // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
    Fut::Output: Outcome,
{
    ChildSpec::new(name, move |ctx| make(captures.values())(ctx))
}

/// [`closure_cloning`] for a closure that leaves its error type open.
pub fn fallible_cloning<C, M, F, Fut>(name: &str, captures: C, make: M) -> ChildSpec
where
    C: Captures + Send + Sync + 'static,
    M: Fn(C::Values) -> F, // called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), BoxError>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
{
    ChildSpec::new(name, move |ctx| make(captures.values())(ctx))
}

/// What can be handed to every start of a child.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cloned into a child",
    label = "needs `Clone + Send + Sync`",
    note = "every start of a child gets a fresh clone",
    note = "wrap it in an `Arc` to share one value between starts",
    note = "or lend it: with `lend(..)` in a block, as a `Lent<..>` in a child function"
)]
pub trait Capture: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T> Capture for T where T: Clone + Send + Sync + 'static {}

/// A source of clones. It does not repeat the bounds of [`Capture`], so that a value without them
/// is reported once, where it is named.
pub struct Captured<T>(Arc<dyn Fn() -> T + Send + Sync>);

impl<T> fmt::Debug for Captured<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured").finish_non_exhaustive()
    }
}

/// `clone(value)`: the original stays with the caller.
pub fn capture<T: Capture>(value: &T) -> Captured<T> {
    keep(value.clone())
}

/// An argument of a child function.
pub fn keep<T: Capture>(value: T) -> Captured<T> {
    Captured(Arc::new(move || value.clone()))
}

/// `(a, (b, ()))`
pub trait Captures {
    type Values;

    fn values(&self) -> Self::Values;
}

impl Captures for () {
    type Values = ();

    fn values(&self) {}
}

impl<T, Rest> Captures for (Captured<T>, Rest)
where
    Rest: Captures,
{
    type Values = (T, Rest::Values);

    fn values(&self) -> Self::Values {
        ((self.0.0)(), self.1.values())
    }
}
