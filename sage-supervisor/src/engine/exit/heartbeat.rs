//! The heartbeats of children.

use crate::child::ChildContext;
use crate::engine::Engine;
use crate::engine::children::{Body, StopCause};
use crate::engine::phase::Phase;
use crate::engine::time::Clock;
use crate::event::KillReason;
use crate::scope::{ChildId, Why};

impl Engine {
    /// Returns whether a child is up and has given a heartbeat in time. The deadline of a thread on a
    /// paused clock is held first, so nothing is said of such a thread.
    pub(crate) fn is_alive(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let Some(within) = slot.spec().heartbeat_setting().filter(|_| slot.phase() == Phase::Up)
        else {
            return false;
        };
        let Some(body) = slot.body() else { return false };
        let silence = body.context().and_then(ChildContext::silence);
        let is_heard = silence.is_some_and(|silence| silence < within);
        is_heard
            && (!body.lives_in_real_time()
                || Clock::is_real()
                || body.context().is_some_and(ChildContext::rests))
    }

    /// Handles the deadline of a heartbeat. A child that gave one since gets the rest of its time from
    /// then on. So there is one deadline for each child, and a heartbeat itself needs none.
    pub(crate) fn check_heartbeat(&mut self, child: ChildId) {
        let slot = &mut self.children[child];
        let context = slot.body().and_then(Body::context);
        let Some(silence) = context.and_then(ChildContext::silence) else { return };
        let Some(within) = slot.spec().heartbeat_setting() else { return };
        if silence < within {
            return self.schedule(child, Some(within - silence));
        }
        // The blame turns the exit of the kill into a missed heartbeat, which is a failure.
        slot.blame(StopCause::HeartbeatMissed);
        self.note_why(child, Why::HeartbeatMissed);
        self.kill(child, KillReason::HeartbeatMissed);
    }
}
