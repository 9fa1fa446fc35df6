//! The inbox of a turn.

use super::time::Deadline;
use crate::child::Message;
use crate::scope::ChildId;

/// The number of messages after which other tasks run first.
const MESSAGES_BEFORE_YIELD: usize = 1_024;

/// The capacity of the message buffer that is kept while the engine waits.
const KEPT_CAPACITY: usize = 256;

/// The messages and deadlines of the present turn. The buffers are kept from turn to turn.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) mail: Vec<Message>,
    pub(super) fired: Vec<Deadline>,
    /// The children whose exits in this turn lead to a restart.
    pub(super) due: Vec<ChildId>,
    /// The number of messages that were handled since the engine last waited or yielded.
    handled: usize,
}

impl Inbox {
    /// Counts messages that are about to be handled.
    pub(super) fn count(&mut self, messages: usize) {
        self.handled += messages;
    }

    /// Returns whether the engine must let other tasks run, even if more has been delivered. A task that
    /// was woken on this very worker would otherwise wait for the end of the flood.
    pub(super) fn must_yield(&self) -> bool {
        self.handled >= MESSAGES_BEFORE_YIELD
    }

    /// Notes that other tasks run.
    pub(super) fn note_yield(&mut self) {
        self.handled = 0;
    }

    /// Notes that the engine waits. A flood of messages must not leave a large buffer behind.
    pub(super) fn note_wait(&mut self) {
        self.handled = 0;
        self.mail.shrink_to(KEPT_CAPACITY);
    }
}
