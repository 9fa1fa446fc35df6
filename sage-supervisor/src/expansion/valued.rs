//! Closures whose `Ok(..)` is not obviously `Ok(())`. The type of the value in the `Ok` has a bound
//! of its own here, so that the message about a wrong type is one of this crate.

use super::open_error::{OpenError, Opened};
use super::{Captures, closure_lending};
use crate::child::{Claims, Never};
use crate::{ChildContext, ChildSpec};

/// A type that may stand in the `Ok` of a child.
#[diagnostic::on_unimplemented(
    message = "a child cannot finish with a value: it has `{Self}` in its `Ok`",
    label = "write `Ok(())`",
    note = "a child returns `()`, `Result<(), E>` with an error `E`, or never"
)]
pub trait Nothing: 'static {}

#[diagnostic::do_not_recommend]
impl Nothing for () {}

/// The value in `Ok(panic!())`. With only one implementation of the trait, the compiler would infer
/// `()` without checking the bound.
#[diagnostic::do_not_recommend]
impl Nothing for Never {}

/// Makes a child from a closure whose `Ok` has a value of the type `T`.
pub fn valued<F, Fut, T>(name: &str, start: F) -> ChildSpec
where
    T: Nothing,
    F: Fn(ChildContext) -> Fut, // the closure is called at every start: hand values over with `clone(..)` or `lend(..)`
    F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    F: 'static, // the closure outlives the block: use `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
    Fut: Future<Output = Result<T, Box<OpenError>>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
    Fut: 'static,
{
    ChildSpec::new(name, move |ctx| Opened::new(start(ctx)))
}

/// Does the same as [`valued`], for a closure with `clone(..)`.
pub fn valued_cloning<C, M, F, Fut, T>(name: &str, captures: C, make: M) -> ChildSpec
where
    T: Nothing,
    C: Captures + Send + Sync + 'static,
    M: Fn(C::Values) -> F, // the closure is called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<T, Box<OpenError>>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
    Fut: 'static,
{
    ChildSpec::new(name, move |ctx| Opened::new(make(captures.values())(ctx)))
}

/// Does the same as [`valued`], for a closure with `lend(..)`.
pub fn valued_lending<L, C, M, F, Fut, T>(name: &str, loans: L, captures: C, make: M) -> ChildSpec
where
    T: Nothing,
    L: Claims + Send + Sync + 'static,
    C: Captures + Send + Sync + 'static,
    M: Fn(L::Values, C::Values) -> F, // the closure is called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<T, Box<OpenError>>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
    Fut: 'static,
{
    closure_lending(name, loans, captures, move |lent, values| {
        let start = make(lent, values);
        move |ctx| Opened::new(start(ctx))
    })
}
