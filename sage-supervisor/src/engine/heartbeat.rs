//! Children that have to say that they are alive.

use super::Engine;
use super::body::Body;
use super::slot::Verdict;
use crate::child::id::ChildId;
use crate::event::KillReason;

impl Engine {
    /// The time is over within which a child had to be heard of. If it was, it has its time again from
    /// then on; so there is one timer for each child, and none for a beat.
    pub(super) fn listen_for_heartbeat(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        let Some(context) = slot.body.as_ref().and_then(Body::context) else { return };
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
