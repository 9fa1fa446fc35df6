//! The functions and types that the macros expand to. They are no public API.
//!
//! Every bound has a line of its own, because rustc prints the line of a violated bound, including
//! the comment in it.

mod giving_up;
pub mod ide;
mod lending;
mod open_error;
mod valued;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

pub use std::time::Duration;

pub use sage_supervisor_macros::supervisor_impl;
pub use sage_supervisor_policy::{
    DeclaredBackoff, Setting, Sibling, WrittenChild, WrittenStart, WrittenTree,
};

pub use self::giving_up::{
    Fallible, Inside, Itself, JudgedAs, judged, judged_once, judged_supervisor, judged_value,
};
pub use self::lending::{Offered, Plain, closure_lending, lend};
pub use self::open_error::{
    Fixed, FixedCloning, FixedLending, Open, OpenCloning, OpenError, OpenLending, open,
    open_cloning, open_lending,
};
pub use self::valued::{Nothing, valued, valued_cloning, valued_lending};
pub use crate::child::{Claim, Claims};

use crate::bounds::{Capture, Shared};
use crate::{ChildContext, ChildSpec, IntoChild, Outcome, RestartConfig};
use crate::{DeclaredTree, Supervisor};

/// The default restart limit, for a supervisor whose block sets none.
#[must_use]
pub fn default_config() -> RestartConfig {
    RestartConfig::default()
}

/// Makes a child from a start that is an expression, which is evaluated once.
pub fn child<C>(name: &str, child: C) -> ChildSpec
where
    C: IntoChild, // name an `async fn(ChildContext)`, call a `#[child]` function, wrap a blocking one in `ChildSpec::blocking`
{
    child.into_child(name.to_owned())
}

/// Returns the version of a child, before the start of the child takes the values that it is made from.
pub fn version<V>(version: &V) -> u64
where
    V: Hash, // the version is compared by its hash: pass a value that derives `Hash`, or a number
{
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    hasher.finish()
}

/// Sets the version of a child.
pub fn versioned(version: u64, spec: ChildSpec) -> ChildSpec {
    spec.version(version)
}

/// Wraps the supervisor that a named tree returns. A tree without a name is called by the last part
/// of `function`.
pub fn called(function: &'static str, supervisor: Supervisor) -> Supervisor {
    supervisor.called(function)
}

/// Makes a child from the call of a named tree. `tree` is the tree that the block was checked with.
pub fn tree<C>(name: &str, call: C, tree: &DeclaredTree<'static>) -> ChildSpec
where
    C: IntoChild, // a named tree is a function that `supervisor!` declares, and returns a `Supervisor`
{
    call.into_child(name.to_owned()).checked_as(tree.function())
}

/// Returns the supervisor. The second argument makes the compiler evaluate the constants of the
/// checks.
pub fn checked(supervisor: Supervisor, (): ()) -> Supervisor {
    supervisor
}

/// Makes a child in place of a start with a mistake that the macro has reported.
pub fn missing(name: &str) -> ChildSpec {
    ChildSpec::without_context(name, || async {})
}

/// Makes a child in place of one whose condition does not hold: it is left out when it is added.
pub fn left_out(name: &str) -> ChildSpec {
    missing(name).instances(0)
}

/// Makes a child from a closure.
pub fn closure<F, Fut>(name: &str, start: F) -> ChildSpec
where
    F: Fn(ChildContext) -> Fut, // the closure is called at every start: hand values over with `clone(..)` or `lend(..)`
    F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    F: 'static, // the closure outlives the block: use `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
    Fut: Future, // write `async |ctx| ..`, or `|ctx| async move { .. }`; a `#[child]` function is called without a closure
    Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
    Fut: 'static,
    Fut::Output: Outcome,
{
    ChildSpec::new(name, start)
}

/// Makes a child from a closure with `clone(..)`. `make` receives new clones for every start, so
/// the closure that it returns may consume them.
pub fn closure_cloning<C, M, F, Fut>(name: &str, captures: C, make: M) -> ChildSpec
where
    C: Captures + Send + Sync + 'static,
    M: Fn(C::Values) -> F, // the closure is called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
    Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
    Fut: 'static,
    Fut::Output: Outcome,
{
    ChildSpec::new(name, move |ctx| make(captures.values())(ctx))
}

/// A source of clones. The type does not repeat the bounds of [`Capture`], so that a value without
/// them is reported once, at the place where it is named.
pub struct Captured<T>(Arc<dyn Fn() -> T + Send + Sync>);

impl<T> fmt::Debug for Captured<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured").finish_non_exhaustive()
    }
}

/// Keeps a value, to clone it at every start.
fn keep<T: Capture>(value: T) -> Captured<T> {
    Captured(Arc::new(move || value.clone()))
}

/// A value in `clone(..)`, before it is known what the value lacks. The original stays with the caller.
///
/// The compiler takes the first of three methods of one name that fits: the inherent one for a value that
/// can be captured; that of [`Unshared`] for one that can be cloned, which requires the rest and reports it;
/// and that of [`Uncloned`], which requires everything.
#[derive(Debug)]
pub struct Capturing<'a, T>(pub &'a T);

impl<T: Capture> Capturing<'_, T> {
    #[must_use = "the clones belong to a child"]
    pub fn capture(self) -> Captured<T> {
        keep(self.0.clone())
    }
}

/// An argument of a child function, before it is known what the value lacks, as with [`Capturing`].
#[derive(Debug)]
pub struct Keeping<T>(pub T);

impl<T: Capture> Keeping<T> {
    #[must_use = "the clones belong to a child"]
    pub fn capture(self) -> Captured<T> {
        keep(self.0)
    }
}

/// The source of a value that lacks something, which was reported. No program that compiles has one.
#[derive(Debug)]
pub struct Lacking<T>(Captured<T>);

/// A value that can be cloned, and may lack the rest.
pub trait Unshared<T> {
    /// Reports what is missing.
    fn capture(self) -> Lacking<T>
    where
        T: Shared;
}

impl<T: Clone> Unshared<T> for Capturing<'_, T> {
    fn capture(self) -> Lacking<T>
    where
        T: Shared,
    {
        Lacking(keep(self.0.clone()))
    }
}

impl<T: Clone> Unshared<T> for Keeping<T> {
    fn capture(self) -> Lacking<T>
    where
        T: Shared,
    {
        Lacking(keep(self.0))
    }
}

/// A value that may lack anything. The method takes a reference, so that the compiler looks at it last.
pub trait Uncloned<T> {
    /// Reports what is missing.
    fn capture(&self) -> Lacking<T>
    where
        T: Capture;
}

impl<T> Uncloned<T> for Capturing<'_, T> {
    fn capture(&self) -> Lacking<T>
    where
        T: Capture,
    {
        Lacking(keep(self.0.clone()))
    }
}

impl<T> Uncloned<T> for Keeping<T> {
    fn capture(&self) -> Lacking<T>
    where
        T: Capture,
    {
        Lacking(keep(self.0.clone()))
    }
}

/// A list of sources of clones, `(a, (b, ()))`.
pub trait Captures {
    type Values;

    fn values(&self) -> Self::Values;
}

impl Captures for () {
    type Values = ();

    fn values(&self) {}
}

impl<T, Rest> Captures for (Lacking<T>, Rest)
where
    Rest: Captures,
{
    type Values = (T, Rest::Values);

    fn values(&self) -> Self::Values {
        ((self.0.0.0)(), self.1.values())
    }
}

/// A list whose values lack nothing.
pub trait Whole: Captures {}

impl Whole for () {}

impl<T, Rest: Whole> Whole for (Captured<T>, Rest) {}

/// The arguments of a child function, from which its spec is made.
///
/// Where an argument lacks something, the method of [`Unwhole`] is called, which requires nothing of the
/// future: what it would lack follows from the argument, which was reported.
#[derive(Debug)]
pub struct Arguments<C>(pub C);

impl<C: Whole + Send + Sync + 'static> Arguments<C> {
    /// Makes the child, like [`closure_cloning`].
    pub fn spec<M, F, Fut>(self, name: &str, make: M) -> ChildSpec
    where
        M: Fn(C::Values) -> F,
        M: Send + Sync + 'static,
        F: FnOnce(ChildContext) -> Fut,
        Fut: Future,
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        closure_cloning(name, self.0, make)
    }
}

/// Arguments of which one lacks something.
pub trait Unwhole<C: Captures> {
    /// Makes a child in place of that one.
    fn spec<M, F, Fut>(self, name: &str, make: M) -> ChildSpec
    where
        M: Fn(C::Values) -> F,
        F: FnOnce(ChildContext) -> Fut;
}

impl<C: Captures> Unwhole<C> for Arguments<C> {
    fn spec<M, F, Fut>(self, name: &str, _: M) -> ChildSpec
    where
        M: Fn(C::Values) -> F,
        F: FnOnce(ChildContext) -> Fut,
    {
        missing(name)
    }
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
