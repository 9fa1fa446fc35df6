//! The constructors of children with `lend(..)`.

use super::Captures;
use super::open_error::{OpenError, Opened};
use crate::child::{Loan, Loans, lending};
use crate::{ChildContext, ChildSpec, Outcome};

/// Makes a child from a closure with `lend(..)`. `make` receives the lent values and new clones for
/// every start, so the closure that it returns may consume them.
pub fn closure_lending<L, C, M, F, Fut>(name: &str, loans: L, captures: C, make: M) -> ChildSpec
where
    L: Loans + Send + Sync + 'static,
    C: Captures + Send + Sync + 'static,
    M: Fn(L::Values, C::Values) -> F, // the closure is called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future, // write `async move |ctx| ..`, or `move |ctx| async move { .. }`
    Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
    Fut: 'static,
    Fut::Output: Outcome,
{
    lending(name.to_owned(), loans, move |ctx, lent| make(lent, captures.values())(ctx))
}

/// Does the same as [`closure_lending`], for a closure that leaves its error type open.
pub fn fallible_lending<L, C, M, F, Fut>(name: &str, loans: L, captures: C, make: M) -> ChildSpec
where
    L: Loans + Send + Sync + 'static,
    C: Captures + Send + Sync + 'static,
    M: Fn(L::Values, C::Values) -> F, // the closure is called at every start: add the value to `clone(..)` or `lend(..)`
    M: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
    M: 'static,     // the closure outlives the block: `clone(..)` or `lend(..)` every value it uses
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), Box<OpenError>>>, // a closure with `?` ends with `Ok(())`, or never
    Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
    Fut: 'static,
{
    lending(name.to_owned(), loans, move |ctx, lent| {
        Opened::new(make(lent, captures.values())(ctx))
    })
}

/// A value that can be lent to a child.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to a child",
    label = "the value needs `Send`",
    note = "the instances of a child hold the value in turn, each in a task of its own"
)]
pub trait Lendable: Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T> Lendable for T where T: Send + 'static {}

/// Expands `lend(value)`. The child owns the value from then on.
pub fn lend<T: Lendable>(value: T) -> Loan<T> {
    Loan::new(value)
}
