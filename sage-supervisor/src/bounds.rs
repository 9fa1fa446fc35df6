//! What a child requires of the values that it is given, as names for the bounds of generic functions.
//!
//! Both traits are implemented for every type that meets their bounds, and are never implemented by hand.
//!
//! # Examples
//!
//! A tree over any store that every start of a child can have a clone of:
//!
//! ```
//! use sage_supervisor::bounds::Capture;
//! use sage_supervisor::{Supervisor, supervisor};
//!
//! trait Store {
//!     fn len(&self) -> usize;
//! }
//!
//! fn tree<S: Store + Capture>(store: S) -> Supervisor {
//!     supervisor! {
//!         #[child(clone(store))]
//!         watch = async move |ctx| {
//!             println!("{} entries", store.len());
//!             ctx.cancelled().await;
//!         },
//!     }
//! }
//! # impl Store for String { fn len(&self) -> usize { String::len(self) } }
//! # drop(tree(String::new()));
//! ```

/// A value of which every start of a child gets a clone: `Clone + Send + Sync + 'static`. An argument of a
/// `#[child]` function is one, and so is a value in `clone(..)`.
///
/// A value that cannot be cloned goes into an [`Arc`](std::sync::Arc), or is lent to one instance after the
/// other, see [`Lent`](crate::Lent).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cloned into a child",
    label = "the value needs `Clone + Send + Sync + 'static`",
    note = "every start of a child gets a new clone",
    note = "a value without `Clone` goes into an `Arc`, or is lent: with `lend(..)` in a block, as a `Lent<..>` in a child function"
)]
pub trait Capture: Clone + Shared {}

#[diagnostic::do_not_recommend]
impl<T> Capture for T where T: Clone + Shared {}

/// A value that several threads may use at the same time: `Send + Sync + 'static`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used by several threads",
    label = "the value needs `Send + Sync + 'static`",
    note = "any thread may start a child, and the clones of a value may share what they hold",
    note = "use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`, `dyn Trait + Send + Sync` in place of `dyn Trait`"
)]
pub trait Shared: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T> Shared for T where T: Send + Sync + 'static + ?Sized {}

/// A value that is lent to one instance of a child after the other: `Send + 'static`. A value in `lend(..)`
/// is one, and so is what a [`Lent`](crate::Lent) holds.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to a child",
    label = "the value needs `Send + 'static`",
    note = "the instances of a child hold the value in turn, each in a task of its own"
)]
pub trait Lendable: Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T> Lendable for T where T: Send + 'static {}
