//! Heartbeats: rule 31. No worker sends any.

use super::{Model, StopCause};
use crate::answers::Note;

impl Model<'_> {
    /// Sets the deadline for the next heartbeat of a child that is up. A request to stop suspends
    /// it.
    pub(super) fn listen(&mut self, unit: usize) {
        let heartbeat = self.plan.units[unit].worker.and_then(|worker| worker.heartbeat);
        self.children[unit].deadline = heartbeat.map(|within| self.now + within);
    }

    /// Kills the child. Its exit is a failure of its own.
    pub(super) fn miss_heartbeat(&mut self, sup: usize, unit: usize) {
        self.notes.push(Note::Silent);
        self.children[unit].stop_cause = Some(StopCause::Silent);
        self.kill(sup, unit);
    }
}
