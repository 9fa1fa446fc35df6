//! The commands that end an instance without asking it: a kill, and a failure that is injected.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::children::{Plan, StopCause, Until};
use crate::engine::phase::Phase;
use crate::engine::view::Refusal;
use crate::event::KillReason;
use crate::exit::ExitError;
use crate::scope::{ChildId, Origin, Reply, Why};

/// The way in which a kill by hand is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    /// Nothing can be killed: the child is down, or was killed and does not end. A stop has the same
    /// effect.
    LeaveToStop,
    /// The instance is killed, even if it is about to stop. The caller is answered when the child is
    /// down.
    Now,
    /// The instance has been killed before, and its end is awaited.
    Await,
}

/// Decides on the way in which a kill by hand is carried out.
fn kill(phase: Phase) -> Kill {
    match phase {
        Phase::Down | Phase::Unresponsive => Kill::LeaveToStop,
        Phase::Starting | Phase::Up | Phase::Stopping => Kill::Now,
        Phase::Killed => Kill::Await,
    }
}

/// Decides whether a failure can be injected. Only an instance whose end has not been decided on yet
/// can fail in a way that anything follows from.
fn failure(phase: Phase, has_pending_start: bool) -> Result<(), Refusal> {
    match phase {
        Phase::Starting | Phase::Up => Ok(()),
        Phase::Down if has_pending_start => Err(Refusal::Restarting),
        Phase::Unresponsive => Err(Refusal::Unresponsive),
        Phase::Down | Phase::Stopping | Phase::Killed => Err(Refusal::NotUp),
    }
}

impl Engine {
    /// Kills a child, which stays down as after a stop by hand.
    pub(super) fn kill_by_hand(&mut self, child: ChildId, reply: Reply, origin: &Origin) {
        let kill = kill(self.children[child].phase());
        if kill == Kill::LeaveToStop {
            return self.stop_by_hand(child, reply, origin);
        }
        let Some(reply) = self.answer_when_down(child, reply, origin, |engine| {
            engine.children.set_plan(child, Plan::Stay);
            engine.children[child].set_started_by_hand(false);
            engine.refuse_start(child, Refusal::Stopped);
        }) else {
            return;
        };
        if kill == Kill::Now {
            self.note_why(child, Why::StopByHand);
            self.kill(child, KillReason::ByHand);
        }
        // A child that kills itself is answered at once, because it cannot wait for its own end.
        if let Some(reply) = reply {
            reply.send(Ok(Arc::clone(self.children[child].name())));
        }
    }

    /// Kills a child whose exit is then `error`, as if its instance had returned that error.
    pub(super) fn inject_failure(
        &mut self,
        child: ChildId,
        error: ExitError,
        reply: Reply,
        origin: &Origin,
    ) {
        let phase = self.children[child].phase();
        let has_pending_start = phase == Phase::Down && self.has_pending_start(child);
        if let Err(refusal) = failure(phase, has_pending_start) {
            return reply.send(Err(self.refusal(child, refusal)));
        }
        let Some(reply) = self.answer_when_down(child, reply, origin, |_| {}) else { return };
        // The blame turns the exit of the kill into the error.
        let was_starting = phase == Phase::Starting;
        self.children[child].blame(StopCause::FailedByHand { was_starting });
        self.children.inject(child, error);
        self.note_why(child, Why::FailedByHand);
        self.kill(child, KillReason::FailedByHand);
        if let Some(reply) = reply {
            reply.send(Ok(Arc::clone(self.children[child].name())));
        }
    }

    /// Notes that the caller is answered when the living child is down. Returns `None` if the caller may
    /// not wait for that, and else the reply if the caller is this child, or is in it. `accept` is
    /// called before the caller is noted, once the command is certain to be carried out.
    fn answer_when_down(
        &mut self,
        child: ChildId,
        reply: Reply,
        origin: &Origin,
        accept: impl FnOnce(&mut Self),
    ) -> Option<Option<Reply>> {
        if self.is_given_by(origin, child) {
            accept(self);
            return Some(Some(reply));
        }
        let blockers = self.until_down(child, origin);
        if let Err(error) = self.may_wait(origin, &blockers, || self.path_of(child)) {
            reply.send(Err(error));
            return None;
        }
        accept(self);
        self.answer_when(child, Until::Down, reply, origin, blockers);
        Some(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_alive_and_was_not_killed_is_killed() {
        let table = [
            (Phase::Down, Kill::LeaveToStop),
            (Phase::Starting, Kill::Now),
            (Phase::Up, Kill::Now),
            (Phase::Stopping, Kill::Now),
            (Phase::Killed, Kill::Await),
            (Phase::Unresponsive, Kill::LeaveToStop),
        ];
        for (phase, expected) in table {
            assert_eq!(kill(phase), expected, "{phase:?}");
        }
    }

    #[test]
    fn only_an_instance_whose_end_is_open_can_fail() {
        let table = [
            (Phase::Down, false, Err(Refusal::NotUp)),
            (Phase::Down, true, Err(Refusal::Restarting)),
            (Phase::Starting, false, Ok(())),
            (Phase::Up, false, Ok(())),
            (Phase::Stopping, false, Err(Refusal::NotUp)),
            (Phase::Killed, false, Err(Refusal::NotUp)),
            (Phase::Unresponsive, false, Err(Refusal::Unresponsive)),
        ];
        for (phase, has_pending_start, expected) in table {
            assert_eq!(failure(phase, has_pending_start), expected, "{phase:?}");
        }
    }
}
