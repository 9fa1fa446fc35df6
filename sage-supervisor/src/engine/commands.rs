//! What is asked for by hand.

use std::collections::HashMap;
use std::sync::Arc;

use super::body::Body;
use super::id::ChildId;
use super::request::{Operation, Reply, Request, Start};
use super::scope::Scope;
use super::slot::{Phase, Plan, Until, Waiter};
use super::{Engine, Mode};
use crate::child::{ChildSpec, Kind};
use crate::command::CommandError;
use crate::error::{InvalidRule, InvalidTree};
use crate::restart::RestartPolicy;

impl Engine {
    /// Carries a command out, or hands it on to the supervisor it is for.
    pub(super) fn command(&mut self, mut request: Request) {
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
            (Some(Body::Supervisor(scope)), _) => scope.command(request),
            (_, kind) if !kind.is_supervisor() => request.operation.refuse(CommandError::NotFound),
            _ if self.is_waiting(child) => request.operation.refuse(CommandError::Restarting),
            _ => request.operation.refuse(CommandError::NotRunning),
        }
    }

    fn find(&mut self, name: &str) -> Option<ChildId> {
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
        slot.phase == Phase::Down && slot.plan != Plan::Stay && coming
    }

    fn start_by_hand(&mut self, start: Start, reply: Reply) {
        let name = match self.admit(&start) {
            Ok(name) => name,
            Err(error) => return reply.send(Err(error)),
        };
        let child = self.roster.add_last(Arc::clone(&name), start.spec);
        if let Some(names) = &mut self.names {
            names.insert(name, child);
        }
        let slot = &mut self.roster[child];
        slot.is_added = true;
        slot.by_hand = true;
        slot.waiters.push(Waiter { until: Until::Up, reply });
        match self.mode {
            Mode::Starting { next: None } => self.mode = Mode::Starting { next: Some(child) },
            Mode::Running => self.start(child),
            // It is the last of those that the procedure under way starts.
            _ => {}
        }
    }

    /// The name under which a child may be started now.
    fn admit(&mut self, start: &Start) -> Result<Arc<str>, CommandError> {
        if self.is_ending() {
            return Err(CommandError::NotRunning);
        }
        let spec = &start.spec;
        let name: Arc<str> = match (&start.name, &self.declaration.dynamic) {
            (Some(name), _) => Arc::from(name.as_str()),
            (None, None) => spec.shared_name(),
            (None, Some(_)) => self.new_name(spec.name()),
        };
        let lineage = self.scope.lineage();
        let written = start.name.as_deref().unwrap_or(spec.name());
        self.declaration
            .validate_child(lineage, &name, written, spec, start.is_shared)
            .map_err(CommandError::Invalid)?;
        if Self::runs_elsewhere(spec) {
            let path = lineage.join(&name);
            let invalid = InvalidTree { path, rule: InvalidRule::ListedTwice };
            return Err(CommandError::Invalid(invalid));
        }
        if start.is_shared && spec.starts_once() {
            return Err(CommandError::StartsOnce);
        }
        let room = self.declaration.dynamic.as_ref().map(|dynamic| dynamic.max_children);
        // A generated name is new, unless somebody gave one like it; then it is refused.
        let is_new =
            self.names.is_none() && start.name.is_none() && room.is_some() && !self.has_given_names;
        self.has_given_names |= start.name.is_some();
        let present = if is_new { None } else { self.find(&name) };
        match present.map(|present| self.roster[present].phase) {
            Some(Phase::Starting | Phase::Up) => Err(CommandError::AlreadyRunning),
            Some(_) => Err(CommandError::AlreadyExists),
            None if room.is_some_and(|room| self.roster.len() >= room) => {
                Err(CommandError::MaxChildren)
            }
            None => Ok(name),
        }
    }

    /// A name nobody has. Only one that was given by hand can be in the way of a number.
    fn new_name(&mut self, name: &str) -> Arc<str> {
        // It never goes back, so that nobody who gave many such names is asked for all of them again.
        self.last_number = self.last_number.max(self.roster.added());
        loop {
            self.last_number += 1;
            let name: Arc<str> = Arc::from(format!("{name}-{}", self.last_number));
            if !self.has_given_names || self.find(&name).is_none() {
                return name;
            }
        }
    }

    /// Nobody waits for the start of a child that will not come.
    pub(super) fn refuse_if_over(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        if slot.phase != Phase::Down || slot.waiters.is_empty() || self.is_waiting(child) {
            return;
        }
        let error = match &slot.last_exit {
            Some(exit) if !self.is_ending() => CommandError::FailedStart(exit.clone()),
            _ => CommandError::NotRunning,
        };
        self.refuse_start(child, &error);
    }

    /// Whether a spec has a dynamic supervisor in it that runs already.
    fn runs_elsewhere(spec: &ChildSpec) -> bool {
        let Kind::Supervisor(declaration) = spec.kind() else { return false };
        let run = declaration.dynamic.as_ref().and_then(|dynamic| dynamic.whereabouts.ask());
        let scope = run.and_then(|run| run.downcast::<Scope>().ok());
        scope.is_some_and(|scope| !scope.vacated().is_cancelled())
            || declaration.children.iter().any(|child| Self::runs_elsewhere(child))
    }

    fn stop_by_hand(&mut self, child: ChildId, reply: Reply) {
        match self.roster[child].phase {
            Phase::Unresponsive => reply.send(Err(CommandError::Unresponsive)),
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
                self.roster[child].waiters.push(Waiter { until: Until::Down, reply });
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
        self.roster[child].waiters.push(Waiter { until: Until::Up, reply });
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

    fn remove_by_hand(&mut self, child: ChildId) -> Result<Arc<str>, CommandError> {
        if self.is_ending() {
            return Err(CommandError::NotRunning);
        }
        match self.roster[child].phase {
            Phase::Unresponsive => Err(CommandError::Unresponsive),
            Phase::Down if self.is_waiting(child) => Err(CommandError::Restarting),
            Phase::Down => {
                let name = Arc::clone(&self.roster[child].name);
                self.remove(child);
                self.is_kept |= self.alive == 0;
                Ok(name)
            }
            _ => Err(CommandError::StillRunning),
        }
    }

    fn remove(&mut self, child: ChildId) {
        self.plan(child, Plan::Policy);
        let name = Arc::clone(&self.roster[child].name);
        if let Some(names) = &mut self.names {
            names.remove(&name);
            if names.len() < names.capacity() / 8 {
                names.shrink_to(names.len() * 2);
            }
        }
        self.stop_waiting(child);
        self.given_up -= usize::from(self.roster[child].given_up);
        self.step_over(child);
        self.disown(child);
        self.roster.remove(child);
    }

    /// The procedure under way does not stand at a child that is removed.
    fn step_over(&mut self, child: ChildId) {
        let (before, after) = (self.roster.before(child), self.roster.after(child));
        self.mode = match self.mode {
            Mode::Starting { next } if next == Some(child) => Mode::Starting { next: after },
            Mode::Restarting { root, at } if at == child => match (before, after) {
                (Some(at), _) if root != child => Mode::Restarting { root, at },
                // All of them are down. They wait on.
                (_, Some(root)) => Mode::Restarting { root, at: root },
                (_, None) => {
                    self.release_group();
                    Mode::Starting { next: None }
                }
            },
            Mode::Restarting { root, at } if root == child => {
                Mode::Restarting { root: after.expect("what it stands at comes after"), at }
            }
            Mode::Closing { at } if at == Some(child) => Mode::Closing { at: before },
            mode => mode,
        };
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

    /// Whoever waits for a start that has failed is told, also if it is retried.
    pub(super) fn answer_failed_start(&mut self, child: ChildId) {
        let exit = self.roster[child].last_exit.clone().expect("it has ended");
        let over = self.is_ending();
        let error = if over { CommandError::NotRunning } else { CommandError::FailedStart(exit) };
        self.refuse_start(child, &error);
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

    /// A temporary child that was added at run time leaves nothing behind when it has ended; nor does
    /// any child of a dynamic supervisor.
    pub(super) fn drop_if_spent(&mut self, child: ChildId) {
        let is_down = self.roster[child].phase == Phase::Down;
        let is_over = is_down && !self.is_to_start(child) && !self.is_ending();
        if self.leaves_nothing_behind(child) && is_over {
            self.remove(child);
        }
    }

    fn leaves_nothing_behind(&self, child: ChildId) -> bool {
        let slot = &self.roster[child];
        let is_temporary = slot.spec.restart_policy() == RestartPolicy::Temporary;
        slot.is_added && (is_temporary || self.declaration.dynamic.is_some())
    }

    /// A child has declined to run, which counts as a start.
    pub(super) fn has_declined(&mut self, child: ChildId) {
        self.is_up(child);
        self.drop_if_spent(child);
    }

    /// Answers those who wait for this child to be up.
    pub(super) fn is_up(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        slot.by_hand = false;
        slot.was_up = true;
        self.is_kept = false;
        self.answer(child, Until::Up, None);
    }

    pub(super) fn answer_down(&mut self, child: ChildId) {
        self.answer(child, Until::Down, None);
    }

    pub(super) fn answer_unresponsive(&mut self, child: ChildId) {
        self.answer(child, Until::Down, Some(&CommandError::Unresponsive));
        self.refuse_start(child, &CommandError::Unresponsive);
    }

    /// Nothing waits to be started when all is being stopped, and nobody for a start: it could be one of
    /// those who are stopped.
    pub(super) fn refuse_all_starts(&mut self) {
        let mut next = self.roster.first();
        while let Some(child) = next {
            next = self.roster.after(child);
            self.stop_waiting(child);
            self.refuse_start(child, &CommandError::NotRunning);
        }
    }

    pub(super) fn refuse_start(&mut self, child: ChildId, error: &CommandError) {
        self.answer(child, Until::Up, Some(error));
    }

    /// Answers those who wait for this child: with its name, or with what came in between.
    fn answer(&mut self, child: ChildId, until: Until, error: Option<&CommandError>) {
        let slot = &mut self.roster[child];
        if slot.waiters.is_empty() {
            return;
        }
        let (answered, waiting): (Vec<_>, _) =
            std::mem::take(&mut slot.waiters).into_iter().partition(|waiter| waiter.until == until);
        slot.waiters = waiting;
        for waiter in answered {
            let result =
                error.map_or_else(|| Ok(Arc::clone(&slot.name)), |error| Err(error.clone()));
            waiter.reply.send(result);
        }
    }
}
