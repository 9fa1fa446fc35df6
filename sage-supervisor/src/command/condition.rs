//! The conditions that callers wait for.

use super::{ChildState, ChildStatus};
use crate::contain::{ChildPanic, Contained, contain};

/// The status that meets a condition, or the panic of the function that was asked.
pub(crate) type Met = Result<ChildStatus, ChildPanic>;

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
            Self::Decided(decide) => contain(|| decide.get()(status)),
        };
        match is_met {
            Ok(true) => Some(Ok(status.clone())),
            Ok(false) => None,
            Err(panic) => Some(Err(panic)),
        }
    }
}
