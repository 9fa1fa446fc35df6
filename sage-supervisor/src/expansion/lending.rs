//! The constructors of children with `lend(..)`.

use super::Captures;
use crate::bounds::Lendable;
use crate::child::{Claim, Claims, lending};
use crate::{ChildContext, ChildSpec, Loan, Outcome};

/// Makes a child from a closure with `lend(..)`. `make` receives the lent values and new clones for
/// every start, so the closure that it returns may consume them.
pub fn closure_lending<L, C, M, F, Fut>(name: &str, claims: L, captures: C, make: M) -> ChildSpec
where
    L: Claims + Send + Sync + 'static,
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
    lending(name.to_owned(), claims, move |ctx, lent| make(lent, captures.values())(ctx))
}

/// Lends a value to a child, which owns the value from then on.
pub fn lend<T: Lendable>(value: T) -> Claim<T> {
    Claim::new(value)
}

/// A value in `lend(..)`, before it is known whether the value is a [`Loan`]. A loan stays with the
/// user, and any other value is moved into the child.
///
/// The expansion has to name the value in a move in either case. For a loan, the move stands behind a
/// call that returns an `Unreachable`, so the compiler knows that the loan is not moved. The method
/// of the loan is inherent, and wins over the method of [`Plain`].
#[derive(Debug)]
pub struct Offered<'a, T>(pub &'a T);

impl<T: Send + 'static> Offered<'_, Loan<T>> {
    /// Returns a claim to the value of the loan.
    #[must_use = "the claim belongs to a child"]
    pub fn claim(&self) -> Result<Claim<T>, Unreachable> {
        Ok(self.0.claim())
    }
}

/// A value that is no [`Loan`].
pub trait Plain {
    /// Returns what moves the value.
    fn claim<C>(&self) -> Result<C, Mover>;
}

impl<T> Plain for Offered<'_, T> {
    fn claim<C>(&self) -> Result<C, Mover> {
        Err(Mover)
    }
}

/// Moves a value that is no [`Loan`] into the child.
#[derive(Debug)]
pub struct Mover;

impl Mover {
    /// Goes on to the move.
    #[must_use]
    pub fn go_on(self) -> Self {
        self
    }

    /// Lends the value to the child, which owns the value from then on.
    pub fn lend<T: Lendable>(self, value: T) -> Claim<T> {
        lend(value)
    }
}

/// Stands in place of a [`Mover`] where the value is a [`Loan`], and does not exist.
#[derive(Debug)]
pub enum Unreachable {}

impl Unreachable {
    /// Does not return.
    #[must_use]
    pub fn go_on(self) -> Self {
        self
    }

    /// Does not return.
    pub fn lend<T, C>(self, _: T) -> C {
        match self {}
    }
}
