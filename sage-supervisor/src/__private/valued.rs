//! Closures with an `Ok(..)` that is not plainly `Ok(())`. What is in it has a type of its own here, so
//! that a wrong one is spoken of in our words.

use super::{Captures, closure_lending};
use crate::child::{Loans, Never};
use crate::{BoxError, ChildContext, ChildSpec};

/// What may stand in the `Ok` of a child.
#[diagnostic::on_unimplemented(
    message = "a child cannot finish with a value: it has `{Self}` in its `Ok`",
    label = "write `Ok(())`",
    note = "a child returns `()`, `Result<(), E>` with an error `E`, or never"
)]
pub trait Nothing: 'static {}

#[diagnostic::do_not_recommend]
impl Nothing for () {}

/// Of `Ok(panic!())`. With one implementation alone, the compiler would take `()` for granted.
#[diagnostic::do_not_recommend]
impl Nothing for Never {}

pub fn valued<F, Fut, T>(name: &str, start: F) -> ChildSpec
where
    T: Nothing,
    F: Fn(ChildContext) -> Fut, // called at every start: hand values over with `clone(..)` or `lend(..)`
    F: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    F: 'static, // outlives the block: `async move`, and `clone(..)` or `lend(..)` in `#[child(..)]`
    Fut: Future<Output = Result<T, BoxError>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send,  // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
{
    ChildSpec::new(name, move |ctx| without_value(start(ctx)))
}

pub fn valued_cloning<C, M, F, Fut, T>(name: &str, captures: C, make: M) -> ChildSpec
where
    T: Nothing,
    C: Captures + Send + Sync + 'static,
    M: Fn(C::Values) -> F, // called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<T, BoxError>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
{
    ChildSpec::new(name, move |ctx| without_value(make(captures.values())(ctx)))
}

pub fn valued_lending<L, C, M, F, Fut, T>(name: &str, loans: L, captures: C, make: M) -> ChildSpec
where
    T: Nothing,
    L: Loans + Send + Sync + 'static,
    C: Captures + Send + Sync + 'static,
    M: Fn(L::Values, C::Values) -> F, // called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<T, BoxError>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
{
    closure_lending(name, loans, captures, move |lent, values| {
        let start = make(lent, values);
        move |ctx| without_value(start(ctx))
    })
}

async fn without_value<Fut, T>(start: Fut) -> Result<(), BoxError>
where
    Fut: Future<Output = Result<T, BoxError>>,
{
    start.await.map(drop)
}
