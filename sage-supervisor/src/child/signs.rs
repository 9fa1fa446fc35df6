//! The signs by which an engine sees what an instance does, as parts of its context.

use std::time::Duration;

use super::beat::Beat;
use super::context::ChildContext;
use super::probe::Probe;
use super::schedule::Schedule;

impl ChildContext {
    /// The heartbeat, if the child declares one.
    pub(super) fn beat(&self) -> Option<&Beat> {
        self.signs()?.beat.as_ref()
    }

    /// The time since the last heartbeat, if the child declares a heartbeat.
    pub(crate) fn silence(&self) -> Option<Duration> {
        self.beat().map(Beat::silence)
    }

    /// Returns whether the instance declares a heartbeat and needs none now, between two runs of its work.
    pub(crate) fn rests(&self) -> bool {
        self.beat().is_some_and(Beat::rests)
    }

    /// The last heartbeat, as a number that the next heartbeat changes.
    pub(crate) fn last_beat(&self) -> Option<u64> {
        self.beat().map(Beat::last)
    }

    /// The probe of the instance, if it is a task with a heartbeat or a readiness.
    pub(crate) fn probe(&self) -> Option<&Probe> {
        self.signs()?.probe.as_ref()
    }

    /// The schedule, if the work of the child is periodic.
    pub(crate) fn schedule(&self) -> Option<&Schedule> {
        self.signs()?.schedule.as_deref()
    }
}
