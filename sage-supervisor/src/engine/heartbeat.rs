//! Children that have to say that they are alive.

use super::Engine;
use super::id::ChildId;
use super::slot::{Body, Verdict};
use crate::event::KillReason;

impl Engine {
    /// The time is over within which a child had to be heard of. If it was, it has its time again from
    /// then on; so there is one timer for each child, and none for a beat.
    pub(super) fn listen_for_heartbeat(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        let Some(Body::Task { context: Some(context), .. }) = &slot.body else { return };
        let (Some(within), Some(silence)) = (slot.spec.heartbeat_setting(), context.silence())
        else {
            return;
        };
        if silence < within {
            return self.schedule(child, Some(within - silence));
        }
        slot.verdict = Some(Verdict::Silent);
        self.kill(child, KillReason::HeartbeatMissed);
    }
}
