//! The commands that stop, restart and remove a child.

use std::sync::Arc;

use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::children::{Plan, Until};
use crate::engine::phase::Phase;
use crate::engine::procedure::Blockers;
use crate::engine::view::Refusal;
use crate::scope::{ChildId, Origin, Reply, Why};

/// A child that a command is about, as far as the answer depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    phase: Phase,
    /// `true` if the child will be started without a command.
    has_pending_start: bool,
    /// `true` if the present procedure has yet to come to the child, in order to start it.
    is_ahead: bool,
    /// `true` if a restart of its group leaves the child down.
    is_left_out: bool,
    /// `true` if the child can be started only once.
    starts_once: bool,
    /// `true` if the supervisor is ending.
    is_ending: bool,
}

/// The way in which a stop is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The child is down. A start that is pending is cancelled.
    StayDown { cancels: bool },
    /// The caller is answered when the child is down. A living instance is asked to stop, unless it has
    /// been asked before.
    Await { asks: bool },
    /// The caller cannot wait for the end, but the child stays down after it.
    Refuse,
}

/// The way in which a restart is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restart {
    /// The child is down, and is started.
    Start,
    /// The present procedure starts the child.
    LeaveToProcedure,
    /// The instance is asked to stop. The child is started when it is down.
    StopFirst,
    /// The instance is on its way down. The child is started then.
    Await,
}

impl Subject {
    fn stop(self) -> Stop {
        match self.phase {
            Phase::Unresponsive => Stop::Refuse,
            Phase::Down => Stop::StayDown { cancels: self.has_pending_start },
            Phase::Starting | Phase::Up => Stop::Await { asks: true },
            Phase::Stopping | Phase::Killed => Stop::Await { asks: false },
        }
    }

    /// Returns the child as the subject of a replacement. The spec that was there does not matter, but
    /// the restart of its group may leave the new one down.
    pub(super) fn replaced(self, is_left_out: bool) -> Self {
        Self { starts_once: false, is_left_out, ..self }
    }

    pub(super) fn restart(self) -> Result<Restart, Refusal> {
        match self.phase {
            _ if self.is_ending => Err(Refusal::Ending),
            Phase::Unresponsive => Err(Refusal::Unresponsive),
            // The restart of its group leaves the child out. It can be started after that.
            _ if self.is_ahead && self.is_left_out => Err(Refusal::Restarting),
            _ if self.starts_once => Err(Refusal::StartsOnce),
            _ if self.is_ahead => Ok(Restart::LeaveToProcedure),
            Phase::Down => Ok(Restart::Start),
            Phase::Starting | Phase::Up => Ok(Restart::StopFirst),
            Phase::Stopping | Phase::Killed => Ok(Restart::Await),
        }
    }

    fn remove(self) -> Result<(), Refusal> {
        match self.phase {
            _ if self.is_ending => Err(Refusal::Ending),
            Phase::Unresponsive => Err(Refusal::Unresponsive),
            Phase::Down if self.has_pending_start => Err(Refusal::Restarting),
            Phase::Down => Ok(()),
            _ => Err(Refusal::StillRunning),
        }
    }
}

impl Engine {
    pub(super) fn subject(&self, child: ChildId) -> Subject {
        let slot = &self.children[child];
        Subject {
            phase: slot.phase(),
            // The question is asked of a child that is down only, which saves most commands its cost.
            has_pending_start: slot.phase() == Phase::Down && self.has_pending_start(child),
            is_ahead: self.is_ahead(child),
            is_left_out: self.is_left_out(child),
            starts_once: slot.spec().starts_once(),
            is_ending: self.is_ending(),
        }
    }

    pub(super) fn stop_by_hand(&mut self, child: ChildId, reply: Reply, origin: &Origin) {
        match self.subject(child).stop() {
            Stop::Refuse => {
                self.children.set_plan(child, Plan::Stay);
                reply.send(Err(self.refusal(child, Refusal::Unresponsive)));
            }
            Stop::StayDown { cancels } => {
                let name = Arc::clone(self.children[child].name());
                if cancels {
                    self.children.set_plan(child, Plan::Stay);
                    self.cancel_start(child);
                }
                // Callers that wait for a start are answered before the child can be removed.
                self.refuse_start(child, Refusal::Stopped);
                self.carry_out_plan(child);
                reply.send(Ok(name));
            }
            Stop::Await { asks } => {
                let is_own = self.is_given_by(origin, child);
                let blockers = self.until_down(child, origin);
                if !is_own {
                    let may_wait = self.may_wait(origin, &blockers, || self.path_of(child));
                    if let Err(error) = may_wait {
                        return reply.send(Err(error));
                    }
                }
                self.children.set_plan(child, Plan::Stay);
                self.children[child].set_started_by_hand(false);
                self.refuse_start(child, Refusal::Stopped);
                if is_own {
                    // Nobody can wait for its own end.
                    reply.send(Ok(Arc::clone(self.children[child].name())));
                } else {
                    self.answer_when(child, Until::Down, reply, origin, blockers);
                }
                if asks {
                    self.stop(child, self.why(child, Why::StopByHand));
                }
            }
        }
    }

    pub(super) fn restart_by_hand(&mut self, child: ChildId, reply: Reply, origin: &Origin) {
        let restart = match self.subject(child).restart() {
            // The child is on its way out.
            _ if self.children.is_leaving(child) => {
                return reply.send(Err(self.refusal(child, Refusal::Stopped)));
            }
            Ok(restart) => restart,
            Err(refusal) => return reply.send(Err(self.refusal(child, refusal))),
        };
        if self.awaits_restart(child, restart, reply, origin) {
            self.carry_out_restart(child, restart);
        }
    }

    /// Answers the giver of a restart, at once or when the child is up. Returns `false` if the giver may
    /// not wait, so that the restart is not carried out.
    pub(super) fn awaits_restart(
        &mut self,
        child: ChildId,
        restart: Restart,
        reply: Reply,
        origin: &Origin,
    ) -> bool {
        if self.is_given_by(origin, child) {
            // Nobody can wait for its own end.
            reply.send(Ok(Arc::clone(self.children[child].name())));
        } else {
            let blockers = match restart {
                Restart::Start => Blockers::default(),
                Restart::LeaveToProcedure => self.queue(),
                Restart::StopFirst | Restart::Await => self.until_down(child, origin),
            };
            let blockers = self.and_ready(blockers, child, origin);
            if let Err(error) = self.may_wait(origin, &blockers, || self.path_of(child)) {
                reply.send(Err(error));
                return false;
            }
            // The caller is noted before the start, which answers at once if the child declares no
            // readiness.
            self.answer_when(child, Until::Up, reply, origin, blockers);
        }
        true
    }

    pub(super) fn carry_out_restart(&mut self, child: ChildId, restart: Restart) {
        match restart {
            Restart::Start => {
                self.children[child].set_started_by_hand(true);
                self.start(child);
            }
            Restart::LeaveToProcedure => {
                // The child is started even if it was to stay down, and its group no longer waits for
                // the backoff.
                self.release_group();
                self.children.set_plan(child, Plan::Policy);
            }
            Restart::StopFirst => {
                self.children.set_plan(child, Plan::Start);
                self.stop(child, self.why(child, Why::RestartByHand));
            }
            Restart::Await => self.children.set_plan(child, Plan::Start),
        }
    }

    /// Returns the reason for which a command stops a child: another spec may wait for its place.
    fn why(&self, child: ChildId, by_hand: Why) -> Why {
        if self.children.has_successor(child) { Why::Replace } else { by_hand }
    }

    pub(super) fn remove_by_hand(&mut self, child: ChildId) -> Result<Arc<str>, CommandError> {
        self.subject(child).remove().map_err(|refusal| self.refusal(child, refusal))?;
        let name = Arc::clone(self.children[child].name());
        self.remove(child);
        self.children.keep_if_none_is_alive();
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHASES: [Phase; 6] = [
        Phase::Down,
        Phase::Starting,
        Phase::Up,
        Phase::Stopping,
        Phase::Killed,
        Phase::Unresponsive,
    ];
    const SUBJECT: Subject = Subject {
        phase: Phase::Down,
        has_pending_start: false,
        is_ahead: false,
        is_left_out: false,
        starts_once: false,
        is_ending: false,
    };

    fn restarts(subject: Subject) -> [String; 6] {
        PHASES.map(|phase| match (Subject { phase, ..subject }).restart() {
            Ok(restart) => format!("{restart:?}"),
            Err(error) => format!("{error:?}"),
        })
    }

    fn removals(subject: Subject) -> [String; 6] {
        PHASES.map(|phase| match (Subject { phase, ..subject }).remove() {
            Ok(()) => "Removed".to_owned(),
            Err(error) => format!("{error:?}"),
        })
    }

    #[test]
    fn a_stop_waits_for_a_living_instance() {
        let pending = Subject { has_pending_start: true, ..SUBJECT };
        for (subject, cancels) in [(SUBJECT, false), (pending, true)] {
            let stops = PHASES.map(|phase| Subject { phase, ..subject }.stop());
            let (asks, waits) = (Stop::Await { asks: true }, Stop::Await { asks: false });
            let expected = [Stop::StayDown { cancels }, asks, asks, waits, waits, Stop::Refuse];
            assert_eq!(stops, expected, "{subject:?}");
        }
    }

    #[test]
    fn a_restart_is_refused_left_to_the_procedure_or_carried_out() {
        let ahead = Subject { is_ahead: true, ..SUBJECT };
        let left_out = Subject { is_left_out: true, ..ahead };
        let once = Subject { starts_once: true, ..SUBJECT };
        let ending = Subject { is_ending: true, ..left_out };
        let table = [
            (SUBJECT, ["Start", "StopFirst", "StopFirst", "Await", "Await", "Unresponsive"]),
            (ahead, {
                let left = "LeaveToProcedure";
                [left, left, left, left, left, "Unresponsive"]
            }),
            (left_out, {
                let out = "Restarting";
                [out, out, out, out, out, "Unresponsive"]
            }),
            (once, {
                let once = "StartsOnce";
                [once, once, once, once, once, "Unresponsive"]
            }),
            (Subject { is_left_out: true, ..SUBJECT }, {
                ["Start", "StopFirst", "StopFirst", "Await", "Await", "Unresponsive"]
            }),
            (ending, ["Ending"; 6]),
        ];
        for (subject, expected) in table {
            assert_eq!(restarts(subject), expected, "{subject:?}");
        }
    }

    #[test]
    fn only_a_child_that_stays_down_is_removed() {
        let running = "StillRunning";
        let alive = [running, running, running, running, "Unresponsive"];
        let table = [(false, "Removed"), (true, "Restarting")];
        for (has_pending_start, down) in table {
            let found = removals(Subject { has_pending_start, ..SUBJECT });
            assert_eq!(found[0], down);
            assert_eq!(found[1..], alive);
        }
        assert_eq!(removals(Subject { is_ending: true, ..SUBJECT }), ["Ending"; 6]);
    }
}
