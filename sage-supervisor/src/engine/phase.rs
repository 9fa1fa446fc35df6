//! The phases of one child.

/// The phase of a child between the start and the end of its instance. The diagram in
/// [`engine`](super) shows which of them follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The child has no instance: it was not started yet, has ended, or waits for its backoff or its
    /// group.
    Down,
    /// The instance runs and is not ready yet: the child declares readiness, or is a nested
    /// supervisor.
    Starting,
    /// The instance runs and is ready.
    Up,
    /// The instance was asked to stop.
    Stopping,
    /// The instance was killed. A task ends when it yields, a process at once, and a thread when it
    /// looks at its request to stop.
    Killed,
    /// The instance was killed and did not end within the kill grace.
    Unresponsive,
}
