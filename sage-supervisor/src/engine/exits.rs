//! What follows when an instance has ended.

use std::sync::Arc;

use super::slot::{Phase, Plan, Verdict};
use super::{Engine, Mode};
use crate::child::Kind;
use crate::child::id::ChildId;
use crate::error::{FailedStart, SageError, Unresponsive};
use crate::event::ChildEvent;
use crate::exit::{Exit, StartFailure};

impl Engine {
    /// An instance has ended. Whether that leads to a restart is decided when all that has been
    /// delivered is known.
    pub(super) fn ended(&mut self, child: ChildId, exit: Exit) {
        let slot = &mut self.roster[child];
        slot.spec.note_exit(&exit);
        let verdict = slot.verdict.take();
        // Stopped because it was too late or silent, it has failed by itself. Killed with all the
        // others, it may have ended before the order has come down to here.
        let failed = matches!(verdict, Some(Verdict::TooLate | Verdict::Silent));
        let killed = matches!(exit, Exit::Killed) && self.scope.is_killed();
        let asked = (slot.asked && !failed) || killed;
        let exit = match exit {
            _ if verdict == Some(Verdict::TooLate) => {
                let within = slot.spec.ready_within_setting().unwrap_or_default();
                Exit::FailedStart(StartFailure::NotReady(within))
            }
            Exit::Normal | Exit::Killed if verdict == Some(Verdict::Silent) => {
                Exit::HeartbeatMissed(slot.spec.heartbeat_setting().unwrap_or_default())
            }
            // To be shut down is no failure, also before it is ready.
            Exit::Normal if !asked && slot.was_shut_down() => Exit::Normal,
            // What it is lent was missing, so it has not begun.
            Exit::FailedStart(_) if asked => Exit::Shutdown,
            exit @ Exit::FailedStart(_) => exit,
            exit if slot.phase == Phase::Starting && !asked => {
                Exit::FailedStart(StartFailure::Ended(Arc::new(exit)))
            }
            Exit::Normal if asked => Exit::Shutdown,
            exit => exit,
        };
        self.schedule(child, None);
        self.tell(child, &ChildEvent::Exit { exit: &exit, asked });
        self.note_stopped(child);

        let policy = self.roster[child].spec.restart_policy();
        let restarts = !asked && policy.restarts_after(&exit);
        let is_supervisor = self.roster[child].is_supervisor();
        let unresponsive = is_supervisor && Unresponsive::of(&exit).is_some();
        let leftovers = self.roster[child].has_leftovers();
        self.roster[child].record.ended(exit, self.clock.moment());
        if leftovers {
            self.hold_unresponsive(child);
        } else {
            self.down(child);
        }
        // Unless it was the old instance, and a new one has been asked for since.
        let failed = self.has_failed_to_start(child) && self.roster[child].plan != Plan::Start;
        if failed {
            self.answer_failed_start(child);
        }
        // It was not stopped for a restart, and something of it is still alive, or was for too long:
        // no parent answers that with a restart.
        if !asked && (leftovers || unresponsive) {
            self.escalate(child);
        } else if self.roster[child].by_hand && failed {
            self.failed_by_hand(child);
        } else if self.is_fatal(child) {
            self.fail_start(child);
        } else if restarts {
            self.roster[child].is_due = true;
            self.due.push(child);
        } else if !asked {
            self.note_failure(child);
            self.note_departure(child);
        }
        if verdict == Some(Verdict::Declined) && self.roster[child].plan != Plan::Start {
            self.has_declined(child);
        }
        // It may have left nothing behind.
        if self.roster.contains(child) {
            self.carry_out_plan(child);
        }
        if self.roster.contains(child) {
            self.refuse_if_over(child);
        }
    }

    /// Whether the exit of this child is a failed start that ends the supervisor: it is itself
    /// starting, and this was the child's first attempt. Neither says the other: a child may have been
    /// restarted by then, and one that was stopped before its turn is first started with its group.
    /// One that does not declare readiness has been started before what it is lent can be missing.
    fn is_fatal(&self, child: ChildId) -> bool {
        let spec = &self.roster[child].spec;
        if matches!(spec.kind(), Kind::Task(_)) && spec.ready_within_setting().is_none() {
            return false;
        }
        let open = matches!(self.mode, Mode::Starting { .. } | Mode::Restarting { .. });
        let slot = &self.roster[child];
        let first = !self.has_started && slot.starts == 1;
        // Stopped or restarted by hand since, it is as was asked.
        self.has_failed_to_start(child) && open && first && slot.plan == Plan::Policy
    }

    pub(super) fn has_failed_to_start(&self, child: ChildId) -> bool {
        matches!(self.roster[child].last_exit(), Some(Exit::FailedStart(_)))
    }

    fn fail_start(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        let path = self.scope.lineage().join(&slot.name);
        let exit = slot.last_exit().cloned().expect("it is what is fatal");
        self.cause = Some(SageError::FailedStart(Box::new(FailedStart { path, exit })));
        self.close();
    }

    /// Closes because of a nested supervisor that could not end what is below it.
    fn escalate(&mut self, child: ChildId) {
        let below = self.roster[child].last_exit().and_then(Unresponsive::of);
        let unresponsive = below.cloned().unwrap_or_else(|| {
            let name = &self.roster[child].name;
            Unresponsive { paths: vec![self.scope.lineage().join(name)], cause: None }
        });
        self.fail(unresponsive);
        self.close();
    }

    /// Nothing is alive any more of a run of a nested supervisor. That is news if it had ended
    /// without some of its tasks.
    pub(super) fn vacated(&mut self, child: ChildId, instance: u64) {
        if self.roster.still(child, instance, Phase::Unresponsive).is_some() {
            self.schedule(child, None);
            self.down(child);
            self.carry_out_plan(child);
        }
    }

    /// The instance is gone, and a new one may be started.
    fn down(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        if slot.phase == Phase::Unresponsive {
            self.unresponsive -= 1;
        }
        self.alive -= 1;
        self.significant -= usize::from(slot.spec.is_significant());
        slot.phase = Phase::Down;
        if let Some(body) = slot.body.take() {
            body.release();
        }
        self.answer_down(child);
    }
}
