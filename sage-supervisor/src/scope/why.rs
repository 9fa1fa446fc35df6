//! The reason for which an engine stops one child, as the child can be told it without a cost.

use std::sync::atomic::{AtomicU8, Ordering};

/// The reason for which an engine stops one child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Why {
    /// The supervisor ends.
    SupervisorEnds = 1,
    /// A group is restarted with the child.
    Group,
    /// A group is restarted, and the child stays down.
    LeftOut,
    /// A command stops the child.
    StopByHand,
    /// A command restarts the child.
    RestartByHand,
    /// Another spec takes the place of the child's.
    Replace,
    /// The child declines to run.
    Declined,
    /// The child was not ready in time.
    NotReady,
    /// The child has missed a heartbeat.
    HeartbeatMissed,
    /// The child has an error that no restart can help.
    FinalError,
    /// A command lets the child fail.
    FailedByHand,
    /// The process of the child has ended, or its driver has.
    ProcessEnded,
}

const ALL: [Why; 12] = [
    Why::SupervisorEnds,
    Why::Group,
    Why::LeftOut,
    Why::StopByHand,
    Why::RestartByHand,
    Why::Replace,
    Why::Declined,
    Why::NotReady,
    Why::HeartbeatMissed,
    Why::FinalError,
    Why::FailedByHand,
    Why::ProcessEnded,
];

/// The first reason for which something was stopped, if it was.
#[derive(Default)]
pub(crate) struct FirstWhy(AtomicU8);

impl FirstWhy {
    /// Notes a reason, unless there is one. The engine and the task of a process may both call this. The
    /// request to stop that follows makes the reason known to other threads.
    #[inline]
    pub(crate) fn note(&self, why: Why) {
        let _ = self.0.compare_exchange(0, why as u8, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<Why> {
        let number = self.0.load(Ordering::Relaxed);
        ALL.into_iter().find(|&why| why as u8 == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_is_kept() {
        for why in ALL {
            let first = FirstWhy::default();
            assert_eq!(first.get(), None);
            first.note(why);
            first.note(Why::SupervisorEnds);
            assert_eq!(first.get(), Some(why));
        }
    }
}
