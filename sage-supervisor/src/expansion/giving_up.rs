//! The check that the predicate of `give_up_if` judges the errors of its child.

use std::error::Error;

use super::OpenError;
use crate::{BoxError, ChildContext, ChildSpec, SageError};

/// The error type of a child, whose errors a predicate over `E` judges. `By` tells the implementations
/// apart.
#[diagnostic::on_unimplemented(
    message = "the predicate of `give_up_if` judges a `{E}`, and the child fails with a `{Self}`",
    label = "a predicate over `&{E}`",
    note = "the predicate takes a reference to the error type of the child: `fn(&{Self}) -> bool`"
)]
pub trait JudgedAs<E, By> {}

/// The error itself is judged.
#[derive(Debug)]
pub enum Itself {}

/// The error inside of a box is judged.
#[derive(Debug)]
pub enum Inside {}

#[diagnostic::do_not_recommend]
impl<E: Error + 'static> JudgedAs<E, Itself> for E {}

#[diagnostic::do_not_recommend]
impl<E: Error + 'static> JudgedAs<E, Inside> for BoxError {}

/// A closure that leaves its error type open.
#[diagnostic::do_not_recommend]
impl<E: Error + 'static> JudgedAs<E, Inside> for Box<OpenError> {}

#[cfg(feature = "anyhow")]
#[diagnostic::do_not_recommend]
impl<E: Error + 'static> JudgedAs<E, Inside> for anyhow::Error {}

#[cfg(feature = "eyre")]
#[diagnostic::do_not_recommend]
impl<E: Error + 'static> JudgedAs<E, Inside> for eyre::Report {}

/// Returns the start of a child whose errors the predicate judges. The predicate comes first, so that the
/// compiler knows its type of errors when it reads the start.
pub fn judged<F, Fut, O, E, By>(_: fn(&E) -> bool, start: F) -> F
where
    F: Fn(ChildContext) -> Fut, // the closure is called at every start: hand values over with `clone(..)` or `lend(..)`
    Fut: Future<Output = Result<(), O>>, // only a child that returns a `Result<(), E>` has errors to judge
    O: JudgedAs<E, By>,
{
    start
}

/// Does the same as [`judged`], for a start that is made anew each time.
pub fn judged_once<F, Fut, O, E, By>(_: fn(&E) -> bool, start: F) -> F
where
    F: FnOnce(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), O>>, // only a child that returns a `Result<(), E>` has errors to judge
    O: JudgedAs<E, By>,
{
    start
}

/// A value that can be a child with errors to judge.
#[diagnostic::on_unimplemented(
    message = "`give_up_if` judges a `{E}`, which `{Self}` does not fail with",
    label = "this child has no such errors",
    note = "a child that is judged returns a `Result<(), E>`, and the predicate takes an `&E`"
)]
pub trait Fallible<E, By> {}

#[diagnostic::do_not_recommend]
impl<F, Fut, O, E, By> Fallible<E, By> for F
where
    F: Fn(ChildContext) -> Fut,
    Fut: Future<Output = Result<(), O>>,
    O: JudgedAs<E, By>,
{
}

/// The error type of a spec is known to the spec alone.
#[diagnostic::do_not_recommend]
impl<E: Error + 'static> Fallible<E, Inside> for ChildSpec {}

/// Returns a start that is a value, and whose errors the predicate judges.
pub fn judged_value<C, E, By>(_: fn(&E) -> bool, start: C) -> C
where
    C: Fallible<E, By>,
{
    start
}

/// Returns the spec of a nested supervisor, which fails with a `SageError`.
pub fn judged_supervisor(_: fn(&SageError) -> bool, spec: ChildSpec) -> ChildSpec {
    spec
}
