//! The stop of one instance: the request, the kill, and the deadlines of both.

use std::time::Duration;

use crate::engine::Engine;
use crate::engine::children::{Body, StopCause};
use crate::engine::phase::Phase;
use crate::event::{ChildEvent, KillReason};
use crate::policy::Shutdown;
use crate::scope::{ChildId, Why};

impl Engine {
    /// Stops an instance that is not ready: it declines to run, or its time to become ready is over.
    pub(crate) fn stop_unready(&mut self, child: ChildId, instance: u64, cause: StopCause) {
        let Some(slot) = self.children.get_if(child, instance, Phase::Starting) else { return };
        slot.blame(cause);
        let is_declined = cause == StopCause::Declined;
        self.stop(child, if is_declined { Why::Declined } else { Why::NotReady });
    }

    /// Stops an instance in the way of its shutdown setting.
    pub(crate) fn stop(&mut self, child: ChildId, why: Why) {
        self.note_why(child, why);
        let timeout = match self.children[child].spec().shutdown_setting().normalised() {
            Shutdown::BrutalKill => return self.kill(child, KillReason::BrutalKill),
            Shutdown::Timeout(time) => Some(time),
            Shutdown::Infinity => None,
        };
        self.ask(child, timeout);
        self.schedule(child, timeout);
    }

    /// Stops an instance together with others, with which it shares the deadlines.
    pub(super) fn stop_in_batch(&mut self, child: ChildId, shutdown: Shutdown) {
        self.note_why(child, Why::SupervisorEnds);
        match shutdown {
            Shutdown::BrutalKill => return self.kill_in_wave(child, KillReason::BrutalKill),
            Shutdown::Timeout(time) => self.ask(child, Some(time)),
            Shutdown::Infinity => self.ask(child, None),
        }
        self.schedule(child, None);
    }

    /// Notes why an instance is about to be stopped, so that it can ask for that.
    #[inline]
    pub(crate) fn note_why(&self, child: ChildId, why: Why) {
        if let Some(body) = self.children[child].body() {
            body.note_why(why);
        }
    }

    fn ask(&mut self, child: ChildId, timeout: Option<Duration>) {
        // The event comes before the request, because the instance may end at any moment after it.
        self.tell(child, &ChildEvent::Stop { timeout });
        // A start that callers wait for can follow only when the child has ended.
        if self.children[child].is_start_awaited() {
            self.reviewed.set_due_for(child);
        }
        if self.children[child].is_supervisor() {
            self.bound_stop(child, timeout);
        }
        self.children.request_stop(child);
        self.note_state(child);
    }

    /// Tells a nested supervisor by when it has to be down: when its own time is over, or that of this
    /// supervisor, which hands on what is left.
    fn bound_stop(&self, child: ChildId, timeout: Option<Duration>) {
        let Some(Body::Supervisor(scope)) = self.children[child].body() else { return };
        let own = timeout.and_then(|time| self.clock.now().checked_add(time));
        let inherited = self.scope.stop_deadline().filter(|_| self.is_ending());
        if let Some(deadline) = own.into_iter().chain(inherited).min() {
            scope.note_stop_deadline(deadline);
        }
    }

    /// Kills an instance, which has the kill grace to end.
    pub(crate) fn kill(&mut self, child: ChildId, reason: KillReason) {
        self.kill_in_wave(child, reason);
        // A killed supervisor joins its children by itself, however long that takes.
        let is_supervisor = self.children[child].is_supervisor();
        self.schedule(child, (!is_supervisor).then_some(self.timeouts.kill_grace));
    }

    /// Kills an instance as part of a wave, whose members share the kill grace.
    pub(super) fn kill_in_wave(&mut self, child: ChildId, reason: KillReason) {
        self.tell(child, &ChildEvent::Kill { reason });
        self.note_kill(child, reason);
        self.children.kill(child, self.waves.present());
        self.note_state(child);
        // Members of a wave have no deadline of their own. This is how they are told apart from
        // children that were killed alone in the meantime.
        self.schedule(child, None);
    }
}
