//! The commands for one child, which is found by its name alone.

use super::PartitionedSupervisor;
use crate::command::{ChildState, ChildStatus, CommandError};
use crate::dynamic::DynamicSpec;
use crate::exit::{BoxError, Exit};

/// # The commands for one child
///
/// Each of these methods asks the [partition of the name](PartitionedSupervisor::partition_of), and no
/// other one.
impl PartitionedSupervisor {
    /// Stops a child and waits until it has ended, as
    /// [`DynamicSupervisor::stop_child`](crate::DynamicSupervisor::stop_child) does. A child that stops
    /// itself does not wait for its end.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::stop_child`](crate::DynamicSupervisor::stop_child), about the
    /// partition of the name.
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is stopped even if the future is dropped.
    pub async fn stop_child(&self, name: &str) -> Result<(), CommandError> {
        self.partition_of(name).stop_child(name).await
    }

    /// Kills a child without asking it to stop, and waits until it has ended, as
    /// [`DynamicSupervisor::kill_child`](crate::DynamicSupervisor::kill_child) does.
    ///
    /// # Errors
    ///
    /// The errors of [`stop_child`](Self::stop_child).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is killed even if the future is dropped.
    pub async fn kill_child(&self, name: &str) -> Result<(), CommandError> {
        self.partition_of(name).kill_child(name).await
    }

    /// Lets a child fail with this error, and waits until its instance has ended, as
    /// [`DynamicSupervisor::fail_child`](crate::DynamicSupervisor::fail_child) does.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::fail_child`](crate::DynamicSupervisor::fail_child).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child fails even if the future is dropped.
    pub async fn fail_child<E>(&self, name: &str, error: E) -> Result<(), CommandError>
    where
        E: Into<BoxError> + 'static,
    {
        self.partition_of(name).fail_child(name, error).await
    }

    /// Waits for the end of the present instance of a child, as
    /// [`DynamicSupervisor::ended`](crate::DynamicSupervisor::ended) does.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::ended`](crate::DynamicSupervisor::ended).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn ended(&self, name: &str) -> Result<Exit, CommandError> {
        self.partition_of(name).ended(name).await
    }

    /// Waits until a child is in this state, as
    /// [`DynamicSupervisor::wait_for`](crate::DynamicSupervisor::wait_for) does.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::wait_for`](crate::DynamicSupervisor::wait_for).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_for(
        &self,
        name: &str,
        state: ChildState,
    ) -> Result<ChildStatus, CommandError> {
        self.partition_of(name).wait_for(name, state).await
    }

    /// Waits until the status of a child meets a condition, as
    /// [`DynamicSupervisor::wait_until`](crate::DynamicSupervisor::wait_until) does.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::wait_for`](crate::DynamicSupervisor::wait_for).
    ///
    /// # Panics
    ///
    /// Panics if the condition does.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_until<F>(&self, name: &str, condition: F) -> Result<ChildStatus, CommandError>
    where
        F: Fn(&ChildStatus) -> bool + Send + 'static,
    {
        self.partition_of(name).wait_until(name, condition).await
    }

    /// Replaces the spec of a child, which keeps its name, as
    /// [`DynamicSupervisor::replace_child`](crate::DynamicSupervisor::replace_child) does.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::replace_child`](crate::DynamicSupervisor::replace_child).
    ///
    /// # Cancel safety
    ///
    /// Once the future has been polled, the child is replaced even if the future is dropped.
    pub async fn replace_child<S>(&self, name: &str, spec: S) -> Result<(), CommandError>
    where
        S: Into<DynamicSpec>, // pass a `ChildSpec`, an `Arc<ChildSpec>`, or a `OnceChild`
    {
        self.partition_of(name).replace_child(name, spec).await
    }

    /// Returns the state of a child at this moment. The [path](ChildStatus::path) of the child contains
    /// the number of its partition.
    ///
    /// # Errors
    ///
    /// The errors of [`DynamicSupervisor::child`](crate::DynamicSupervisor::child), about the partition of
    /// the name.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn child(&self, name: &str) -> Result<ChildStatus, CommandError> {
        self.partition_of(name).child(name).await
    }
}
