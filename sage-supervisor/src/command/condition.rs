//! The conditions that callers wait for.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{ChildState, ChildStatus};
use crate::contain::Contained;

/// The status that meets a condition, or the payload of the panic of the function that was asked. The
/// destructor of the payload may panic, also where nobody waits any more.
pub(crate) type Met = Result<ChildStatus, Contained<Box<dyn Any + Send>>>;

/// A function of the user that decides on a status.
type Decide = Box<dyn Fn(&ChildStatus) -> bool + Send>;

/// A condition on the status of a child.
pub(crate) enum Condition {
    State(ChildState),
    /// The function is the user's. It runs, and is dropped, in the supervisor.
    Decided(Contained<Decide>),
}

impl Condition {
    pub(crate) fn decided(decide: impl Fn(&ChildStatus) -> bool + Send + 'static) -> Self {
        Self::Decided(Contained::new(Box::new(decide)))
    }

    /// Returns the status if it meets the condition.
    pub(crate) fn met_by(&self, status: &ChildStatus) -> Option<Met> {
        let is_met = match self {
            Self::State(state) => Ok(status.state == *state),
            // The panic goes on in the task of the caller.
            Self::Decided(decide) => catch_unwind(AssertUnwindSafe(|| decide.get()(status))),
        };
        match is_met {
            Ok(true) => Some(Ok(status.clone())),
            Ok(false) => None,
            Err(payload) => Some(Err(Contained::new(payload))),
        }
    }
}
