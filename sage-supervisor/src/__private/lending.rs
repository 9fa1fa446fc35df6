//! `lend(a, b)`.

use super::Captures;
use crate::child::{Loan, Loans, lending};
use crate::{BoxError, ChildContext, ChildSpec, Outcome};

/// `make` is handed what is lent and fresh clones for every start, so the closure it returns may
/// consume them.
pub fn closure_lending<L, C, M, F, Fut>(name: &str, loans: L, captures: C, make: M) -> ChildSpec
where
    L: Loans + Send + Sync + 'static,
    C: Captures + Send + Sync + 'static,
    M: Fn(L::Values, C::Values) -> F, // called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future, // `async move |ctx| ..`, or `move |ctx| async move { .. }`
    Fut: Send,   // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
    Fut::Output: Outcome,
{
    lending(name.to_owned(), loans, move |ctx, lent| make(lent, captures.values())(ctx))
}

/// [`closure_lending`] for a closure that leaves its error type open.
pub fn fallible_lending<L, C, M, F, Fut>(name: &str, loans: L, captures: C, make: M) -> ChildSpec
where
    L: Loans + Send + Sync + 'static,
    C: Captures + Send + Sync + 'static,
    M: Fn(L::Values, C::Values) -> F, // called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start it: `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), BoxError>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // may change threads: drop what is not `Send` before an `.await`
    Fut: 'static,
{
    lending(name.to_owned(), loans, move |ctx, lent| make(lent, captures.values())(ctx))
}

/// What can be lent to a child.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to a child",
    label = "needs `Send`",
    note = "the instances of a child hold it in turn, each in a task of its own"
)]
pub trait Lendable: Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T> Lendable for T where T: Send + 'static {}

/// `lend(value)`: the value belongs to the child.
pub fn lend<T: Lendable>(value: T) -> Loan<T> {
    Loan::new(value)
}
