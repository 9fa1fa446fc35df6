//! The error of an instance that no restart can help.

use super::ChildId;
use crate::error::FailureScope;
use crate::exit::ExitError;

/// An error that is the exit of an instance, whatever the instance does after it has given the error.
pub(crate) struct Verdict {
    pub(crate) child: ChildId,
    pub(crate) instance: u64,
    /// The part of the tree that ends with the error.
    pub(crate) scope: FailureScope,
    pub(crate) error: ExitError,
}
