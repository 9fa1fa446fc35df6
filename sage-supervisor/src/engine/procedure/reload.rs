//! A reload: the declaration of a run gives way to another one, by their difference.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::difference::{Change, Difference, Present, difference, inserted, order};
use super::reload_steps::ReloadSteps;
use super::replacement::drop_spec;
use crate::child::{ChildSpec, Declaration, Kind, Operation, Request};
use crate::command::Reload;
use crate::contain::contain;
use crate::engine::Engine;
use crate::engine::children::{Body, Plan};
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::engine::reloads::ReloadOrder;
use crate::engine::timeouts::Timeouts;
use crate::engine::view::Refusal;
use crate::policy::RestartTracker;
use crate::scope::{ChildId, Reply};

impl Engine {
    /// Carries a reload out, now or as soon as that is possible.
    pub(crate) fn begin_reload(&mut self, order: ReloadOrder) {
        if let Some(before) = self.reloads.wait(order) {
            drop_spec(before);
        }
        self.carry_out_waiting_reload();
    }

    /// Carries out the reload that waits, if that is possible now: all children have been started, or a group
    /// is down as a whole and its start, in which the changes can take part, has not begun.
    #[inline]
    pub(super) fn carry_out_waiting_reload(&mut self) {
        if self.reloads.is_any_waiting() {
            self.carry_out_reload_if_possible();
        }
    }

    #[cold]
    fn carry_out_reload_if_possible(&mut self) {
        let is_possible = match self.mode {
            Mode::Running => true,
            Mode::Restarting { root, at } => {
                at == root && self.children[root].phase() == Phase::Down
            }
            _ => false,
        };
        if let Some(order) = is_possible.then(|| self.reloads.take_waiting()).flatten() {
            self.reload(order);
        }
    }

    /// Brings the children into a new order. The members of a group that is being restarted are those behind
    /// its first one, so the present children stay in their order until all have been started.
    fn put_in_order(&mut self, order: &[ChildId], present: &[ChildId]) {
        let is_running = self.mode == Mode::Running;
        self.reloads.set_unordered(!is_running);
        match is_running {
            true => self.children.reorder(order),
            false => self.children.reorder(&inserted(order, present)),
        }
    }

    /// Brings the children into the order of the declaration, if a reload could not do so before.
    #[cold]
    fn put_in_declared_order(&mut self) {
        self.reloads.set_unordered(false);
        let ids: Vec<_> = self.children.all().collect();
        let declared = self.declaration.children.iter().map(|spec| spec.name());
        let places: HashMap<_, _> = declared.zip(0_usize..).collect();
        let mut order: Vec<_> = ids.iter().copied().enumerate().collect();
        order.sort_by_key(|&(at, child)| {
            let slot = &self.children[child];
            let place = places.get(&**slot.name()).filter(|_| !slot.is_added());
            (place.copied().unwrap_or(usize::MAX), at)
        });
        let order: Vec<_> = order.into_iter().map(|(_, child)| child).collect();
        self.children.reorder(&order);
    }

    /// Goes on with reloads, now that all children have been started.
    #[inline]
    pub(super) fn go_on_with_reloads(&mut self) {
        if self.reloads.is_unordered() {
            self.put_in_declared_order();
        }
        self.carry_out_waiting_reload();
    }

    /// Refuses the reload that waits, because the supervisor ends.
    pub(super) fn refuse_reloads(&mut self) {
        if let Some(order) = self.reloads.take_waiting() {
            let error = self.is_ending_error();
            order.replies.into_iter().for_each(|reply| reply.send(Err(error.clone())));
            drop_spec(order.declared);
        }
    }

    /// Returns the changes that a reload makes now.
    pub(crate) fn foresee_reload(&self, declared: &Declaration) -> Reload {
        let next = declared.reloaded(&self.declaration);
        let (_, difference) = self.difference(&next);
        self.told(&next, &difference)
    }

    fn difference(&self, next: &Declaration) -> (Vec<ChildId>, Difference) {
        let ids: Vec<_> = self.children.all().collect();
        let present = |&child: &ChildId| Present {
            spec: Arc::clone(self.children.next_spec(child)),
            is_leaving: self.children.is_leaving(child),
            is_added: self.children[child].is_added(),
        };
        let present: Vec<_> = ids.iter().map(present).collect();
        let difference = difference(&present, &next.children);
        (ids, difference)
    }

    fn told(&self, next: &Declaration, difference: &Difference) -> Reload {
        let mut told = Reload::default();
        let ids: Vec<_> = self.children.all().collect();
        for (change, spec) in difference.changes.iter().zip(&next.children) {
            let list = match *change {
                // An earlier reload has announced the child, and has not come to it yet.
                Change::Keep(at) | Change::GoOn(at) if self.children.is_unstarted(ids[at]) => {
                    match self.children.has_successor(ids[at]) {
                        true => &mut told.replaced,
                        false => &mut told.added,
                    }
                }
                Change::Keep(_) | Change::GoOn(_) => &mut told.kept,
                Change::Replace(_) => &mut told.replaced,
                Change::Add => &mut told.added,
            };
            list.push(self.scope.lineage().join(spec.name()));
        }
        told.removed = difference.removed.iter().map(|&at| self.path_of(ids[at])).collect();
        told
    }

    /// Puts another declaration in the place of the present one. The stops and starts that follow are
    /// carried out in order by a task of their own, which gives commands like everybody else.
    fn reload(&mut self, ReloadOrder { declared, handed_on, replies }: ReloadOrder) {
        let Kind::Supervisor(declaration) = declared.kind() else { return };
        let number = self.reloads.begin(handed_on);
        let mut next = declaration.reloaded(&self.declaration);
        let (ids, difference) = self.difference(&next);
        let mut steps = ReloadSteps::new(Arc::clone(&self.scope), number);
        steps.told = self.told(&next, &difference);
        let mut added = Vec::new();
        let mut is_to_stop = vec![false; ids.len()];
        for (place, change) in difference.changes.iter().enumerate() {
            // An earlier reload may not have come to this child yet.
            if let Change::Keep(at) | Change::GoOn(at) = *change {
                if self.children.is_unstarted(ids[at]) {
                    is_to_stop[at] = self.children.has_successor(ids[at]);
                    steps.start(next.children[place].shared_name());
                }
            }
            let spec = Arc::clone(&next.children[place]);
            match *change {
                Change::Keep(at) => {
                    let child = ids[at];
                    next.children[place] = Arc::clone(self.children.next_spec(child));
                    self.children.declare(child);
                }
                Change::GoOn(at) => {
                    self.children.declare(ids[at]);
                    let answer = self.go_on(ids[at], &spec, number);
                    let path = || self.path_of(ids[at]);
                    steps.nested.extend(answer.map(|answer| (path(), answer)));
                }
                Change::Replace(at) => {
                    let child = ids[at];
                    self.children.declare(child);
                    self.children.set_leaving(child, false);
                    self.children.set_successor(child, Arc::clone(&spec));
                    self.children.set_unstarted(child, true);
                    self.succeed_if_due(child);
                    is_to_stop[at] = true;
                    steps.start(spec.shared_name());
                }
                Change::Add => {
                    let name = spec.shared_name();
                    let child = self.children.add_declared(Arc::clone(&name), Arc::clone(&spec));
                    // The plan keeps the supervisor up until the child is started.
                    self.children.set_plan(child, Plan::Stay);
                    self.children.set_unstarted(child, true);
                    added.push(child);
                    steps.start(name);
                }
            }
        }
        self.put_in_order(&order(&difference.changes, &ids, &added), &ids);
        difference.removed.iter().for_each(|&at| is_to_stop[at] = true);
        // An earlier reload may not have come to the stop of these children yet.
        for (stops, &child) in is_to_stop.iter_mut().zip(&ids) {
            *stops |= self.children.is_leaving(child);
        }
        let alive = |child: &ChildId| self.children[*child].phase() != Phase::Down;
        let stops =
            ids.iter().zip(&is_to_stop).rev().filter(|&(child, stops)| *stops && alive(child));
        steps.stops = stops.map(|(&child, _)| Arc::clone(self.children[child].name())).collect();
        self.take_over(next);
        for &at in &difference.removed {
            self.leave_out(ids[at]);
        }
        drop_spec(declared);
        drop(tokio::spawn(steps.carry_out(replies)));
    }

    /// Takes over the settings of another declaration, which is the present one from here on.
    fn take_over(&mut self, next: Declaration) {
        let has_same_limit = self.declaration.has_same_limit(&next);
        let before = std::mem::replace(&mut self.declaration, Arc::new(next));
        // The specs in it may hold values of the user's, whose destructors may panic.
        let _ = contain(|| drop(before));
        if !has_same_limit {
            self.limit = RestartTracker::new(self.declaration.limit);
        }
        self.timeouts = Timeouts::of(&self.declaration, self.inherited.timeouts);
        self.has_spans = self.declaration.child_spans.unwrap_or(self.inherited.has_spans);
        self.tell_redeclared();
    }

    /// Lets a nested supervisor go on with other settings and children. Returns the pending answer of one
    /// that runs.
    fn go_on(
        &mut self,
        child: ChildId,
        spec: &Arc<ChildSpec>,
        number: u64,
    ) -> Option<oneshot::Receiver<Result<Reload, crate::command::CommandError>>> {
        if self.children.has_successor(child) {
            self.children.set_successor(child, Arc::clone(spec));
            return None;
        }
        let slot = &mut self.children[child];
        if slot.spec().restart_limit_setting() != spec.restart_limit_setting() {
            slot.record_mut().clear_limit();
        }
        let instance = slot.instance();
        drop_spec(self.children.replace_spec(child, Arc::clone(spec)));
        let Some(Body::Supervisor(scope)) = self.children[child].body() else { return None };
        let (reply, answer) = oneshot::channel();
        let (declared, handed_on) = (Arc::clone(spec), Some(number));
        let operation = Operation::Reload { declared, handed_on, reply: Reply::new(reply) };
        scope.command(Request::to_engine(operation).into());
        self.reloads.hand_on(child, instance, number);
        Some(answer)
    }

    /// Removes a child that is not declared any more, once it is down.
    fn leave_out(&mut self, child: ChildId) {
        self.children.set_leaving(child, true);
        self.children.set_plan(child, Plan::Stay);
        self.refuse_start(child, Refusal::Stopped);
        self.cancel_start(child);
        self.carry_out_plan(child);
    }
}
