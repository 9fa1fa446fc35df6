//! What is asked for by hand.

use std::collections::HashMap;
use std::sync::Arc;

use super::body::Body;
use super::request::{Command, Operation, Reply, Request, Start};
use super::slot::{Phase, Plan, Until};
use super::{Engine, Mode};
use crate::child::id::ChildId;
use crate::command::CommandError;

impl Engine {
    /// Carries a command out, or hands it on to the supervisor it is for.
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Start { spec, is_shared, reply } => {
                self.start_by_hand(Start { name: None, spec, is_shared }, reply);
            }
            Command::Request(request) => self.request(*request),
        }
    }

    fn request(&mut self, mut request: Request) {
        let Some(name) = request.path.pop() else {
            return match request.operation {
                Operation::Start(start, reply) => self.start_by_hand(start, reply),
                Operation::Children(reply) => reply.send(Ok(self.statuses())),
                Operation::Count(reply) => reply.send(Ok(self.count())),
                Operation::Collect(collector) => self.collect(&collector),
                for_a_child => for_a_child.refuse(CommandError::NotFound),
            };
        };
        let Some(child) = self.find(&name) else {
            return request.operation.refuse(CommandError::NotFound);
        };
        if !request.path.is_empty() || !request.operation.is_for_a_child() {
            return self.hand_on(child, request);
        }
        match request.operation {
            Operation::Stop(reply) => self.stop_by_hand(child, reply),
            Operation::Restart(reply) => self.restart_by_hand(child, reply),
            Operation::Remove(reply) => {
                let removed = self.remove_by_hand(child);
                reply.send(removed);
            }
            Operation::Look(reply) => reply.send(Ok(self.status(child))),
            Operation::Spec(reply) => reply.send(Ok(Arc::clone(&self.roster[child].spec))),
            Operation::Start(..)
            | Operation::Children(_)
            | Operation::Count(_)
            | Operation::Collect(_) => unreachable!("handed on"),
        }
    }

    fn hand_on(&self, child: ChildId, request: Request) {
        let slot = &self.roster[child];
        match (&slot.body, slot.spec.kind()) {
            (Some(Body::Supervisor(scope)), _) => scope.command(request.into()),
            (_, kind) if !kind.is_supervisor() => request.operation.refuse(CommandError::NotFound),
            _ if self.is_waiting(child) => request.operation.refuse(CommandError::Restarting),
            _ => request.operation.refuse(CommandError::NotRunning),
        }
    }

    pub(super) fn find(&mut self, name: &str) -> Option<ChildId> {
        let roster = &self.roster;
        let names = self.names.get_or_insert_with(|| {
            let named = |child| (Arc::clone(&roster[child].name), child);
            roster.from(roster.first()).map(named).collect::<HashMap<_, _>>()
        });
        names.get(name).copied()
    }

    /// Also if it is killed, and the order has not come down to here.
    pub(super) fn is_ending(&self) -> bool {
        matches!(self.mode, Mode::Closing { .. } | Mode::Draining | Mode::Killing)
            || self.scope.is_killed()
    }

    /// Whether a child that is down will be started without being asked for.
    pub(super) fn is_waiting(&self, child: ChildId) -> bool {
        let slot = &self.roster[child];
        let with_its_group = self.is_to_start(child) && !self.stays_removed(child);
        let coming = slot.waits || slot.is_due || with_its_group;
        // Nothing is started any more in what ends, also if that has not come to what waits.
        slot.phase == Phase::Down && slot.plan != Plan::Stay && coming && !self.is_ending()
    }

    fn stop_by_hand(&mut self, child: ChildId, reply: Reply) {
        match self.roster[child].phase {
            Phase::Unresponsive => {
                // It cannot be waited for, but it stays down once it is.
                self.plan(child, Plan::Stay);
                reply.send(Err(CommandError::Unresponsive));
            }
            Phase::Down => {
                let name = Arc::clone(&self.roster[child].name);
                if self.is_waiting(child) {
                    self.plan(child, Plan::Stay);
                    self.stop_waiting(child);
                }
                self.refuse_start(child, &CommandError::Stopped);
                self.carry_out_plan(child);
                reply.send(Ok(name));
            }
            phase => {
                self.plan(child, Plan::Stay);
                self.roster[child].by_hand = false;
                self.refuse_start(child, &CommandError::Stopped);
                self.tell_when(child, Until::Down, reply);
                if matches!(phase, Phase::Starting | Phase::Up) {
                    self.ask_to_stop(child);
                }
            }
        }
    }

    fn restart_by_hand(&mut self, child: ChildId, reply: Reply) {
        if self.is_ending() {
            return reply.send(Err(CommandError::NotRunning));
        }
        let phase = self.roster[child].phase;
        if phase == Phase::Unresponsive {
            return reply.send(Err(CommandError::Unresponsive));
        }
        if self.is_to_start(child) && self.stays_removed(child) {
            // The restart of its group leaves it out; it can be started when that is over.
            return reply.send(Err(CommandError::Restarting));
        }
        if self.roster[child].spec.starts_once() {
            return reply.send(Err(CommandError::StartsOnce));
        }
        self.tell_when(child, Until::Up, reply);
        if self.is_to_start(child) {
            // The procedure under way starts it, also if it was to stay down, and waits no longer.
            self.release_group();
            return self.plan(child, Plan::Policy);
        }
        match phase {
            Phase::Down => {
                self.roster[child].by_hand = true;
                self.start(child);
            }
            Phase::Starting | Phase::Up => {
                self.plan(child, Plan::Start);
                self.ask_to_stop(child);
            }
            Phase::Stopping | Phase::Killed | Phase::Unresponsive => self.plan(child, Plan::Start),
        }
    }

    /// Sets what follows when the child is down.
    pub(super) fn plan(&mut self, child: ChildId, plan: Plan) {
        let slot = &mut self.roster[child];
        self.held -= usize::from(slot.plan == Plan::Stay);
        slot.plan = plan;
        self.held += usize::from(slot.plan == Plan::Stay);
    }

    /// What was asked for by hand of a child that has now ended.
    pub(super) fn carry_out_plan(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        if slot.phase != Phase::Down {
            return;
        }
        match slot.plan {
            Plan::Start if !self.is_ending() => {
                self.roster[child].by_hand = true;
                self.start(child);
            }
            // What was added and never started is not there either.
            Plan::Stay if self.leaves_nothing_behind(child) || slot.was_only_queued() => {
                self.remove(child);
                self.is_kept |= self.alive == 0;
            }
            Plan::Start | Plan::Stay | Plan::Policy => {}
        }
    }

    /// A start by hand has failed. It is not retried; one that was added leaves nothing behind.
    pub(super) fn failed_by_hand(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        slot.by_hand = false;
        if slot.is_added && !slot.was_up && slot.phase == Phase::Down {
            self.remove(child);
        } else {
            self.plan(child, Plan::Stay);
        }
    }

    /// A child has declined to run, which counts as a start.
    pub(super) fn has_declined(&mut self, child: ChildId) {
        self.is_up(child);
        self.drop_if_spent(child);
    }
}
