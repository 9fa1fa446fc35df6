//! Heartbeats: rule 31. No worker gives any.

use super::{Model, Verdict};
use crate::answers::Note;

impl Model<'_> {
    /// A child that is up has to be heard of within its time, unless it is asked to stop.
    pub(super) fn listen(&mut self, unit: usize) {
        let heartbeat = self.plan.units[unit].worker.and_then(|worker| worker.heartbeat);
        self.children[unit].deadline = heartbeat.map(|within| self.now + within);
    }

    /// It is killed, and has failed by itself.
    pub(super) fn was_silent(&mut self, sup: usize, unit: usize) {
        self.notes.push(Note::Silent);
        self.children[unit].verdict = Some(Verdict::Silent);
        self.kill(sup, unit);
    }
}
