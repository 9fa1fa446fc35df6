//! The children of one engine: their order, their slots, and the counters over them.
//!
//! Every change on which a counter depends goes through a method of [`Children`], so the counters
//! cannot disagree with the slots. The order itself is kept by [`Roster`], and read through it.
//!
//! Invariants, which hold whenever no method of [`Children`] is running:
//!
//! 1. `alive` is the number of slots whose phase is not [`Phase::Down`], `unresponsive` of those
//!    whose phase is [`Phase::Unresponsive`], and `significant` of the significant ones that are not
//!    down. [`Counters`] alone changes a phase.
//! 2. A slot has a body exactly while it is not down.
//! 3. `held` is the number of slots with [`Plan::Stay`], `given_up` of those that are given up, and
//!    `callers` of the callers in all slots that have not been answered.
//! 4. A slot has a deadline exactly while the timers count one for it.
//! 5. The index by name has every child, and the departures refer to no child that was removed.
//! 6. An instance number is never used twice.
//! 7. The children and the reserved places are no more than `max_children`, and nobody waits for a place
//!    while there is room, once the turn is over.

mod body;
mod changes;
mod counters;
mod departures;
mod late;
mod names;
mod record;
mod room;
mod roster;
mod slot;
mod watchers;

use std::collections::HashMap;
use std::ops::{Deref, Index, IndexMut};
use std::sync::Arc;
use std::time::Duration;

use tokio::task;

use self::changes::Changes;
use self::counters::Counters;
use self::departures::Departures;
use self::late::{ANSWERS_PER_TURN, LateAnswers};
use self::names::Names;
use self::room::Room;
use self::slot::{Caller, Taken};
use self::watchers::Watchers;
use super::phase::Phase;
use super::time::{Again, Alarm, Clock, Moment, Timers};
use crate::child::partition::Partition;
use crate::child::{ChildSpec, Scope};
use crate::command::CommandError;
use crate::exit::{Exit, ExitError};
use crate::scope::{ChildId, Entered, Origin, Place, Reply};

pub(crate) use self::body::Body;
pub(crate) use self::departures::{Departure, Failure};
pub(crate) use self::roster::Roster;
pub(crate) use self::slot::{Plan, Slot, StopCause, Until};

/// The children of one engine, in start order. Reading goes through the [`Roster`] that it derefs to.
#[derive(Default)]
pub(crate) struct Children {
    roster: Roster,
    counters: Counters,
    names: Names,
    departures: Departures,
    late: LateAnswers,
    /// The places that are reserved. Most supervisors never have any.
    room: Option<Box<Room>>,
    /// The number of instances that have been started.
    instances: u64,
    /// `true` if a command removed a child while none was alive, which keeps the supervisor up.
    is_kept: bool,
    changes: Changes,
    /// The bodies of instances that had not ended when their supervisor did.
    leftovers: Vec<Body>,
    /// The failures that commands have injected into instances which have not ended yet.
    #[expect(clippy::box_collection, reason = "an empty map is six times as large as a pointer")]
    injected: Option<Box<HashMap<ChildId, ExitError>>>,
    watchers: Watchers,
}

impl Children {
    pub(crate) fn with_room_for(children: usize) -> Self {
        Self { roster: Roster::with_room_for(children), ..Self::default() }
    }

    /// Adds a declared child, as the last one.
    pub(crate) fn add_last(&mut self, name: Arc<str>, spec: Arc<ChildSpec>) -> ChildId {
        self.roster.add_last(name, spec)
    }

    /// Adds a child at run time, as the last one.
    pub(crate) fn add_by_hand(&mut self, name: Arc<str>, spec: Arc<ChildSpec>) -> ChildId {
        let child = self.roster.add_last(Arc::clone(&name), spec);
        self.roster[child].mark_added();
        self.names.add(name, child);
        child
    }

    /// Removes a child that is down. Its id may be given to another child later.
    pub(crate) fn remove(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        debug_assert_eq!(slot.phase(), Phase::Down, "nothing of a removed child is alive");
        debug_assert!(!slot.has_callers(), "every caller has been answered");
        debug_assert!(slot.deadline().is_none(), "no deadline is pending");
        self.counters.set_plan(slot, Plan::Policy);
        self.counters.set_given_up(slot, false);
        self.names.remove(slot.name());
        self.departures.forget(child, slot);
        self.changes.forget(child);
        self.roster.remove(child);
    }

    /// Returns the child of this name.
    pub(crate) fn find(&mut self, name: &str) -> Option<ChildId> {
        self.names.find(name, &self.roster)
    }

    /// Generates a name that no child has.
    pub(crate) fn generate_name(&mut self, stem: &str, partition: Option<Partition>) -> Arc<str> {
        self.names.generate(stem, partition, &self.roster)
    }

    /// Returns whether a generated name is certain to be new, without an index of all names.
    pub(crate) fn is_generated_name_new(&self) -> bool {
        self.names.is_generated_name_new()
    }

    /// Notes that a command has given a name to a child.
    pub(crate) fn note_given_name(&mut self) {
        self.names.note_given();
    }

    /// Returns the slot of a child if it still has this instance, and is in this phase: a message or
    /// a deadline may arrive late.
    pub(crate) fn get_if(
        &mut self,
        child: ChildId,
        instance: u64,
        phase: Phase,
    ) -> Option<&mut Slot> {
        let slot = self.roster.get_mut(child)?;
        (slot.instance() == instance && slot.phase() == phase).then_some(slot)
    }

    /// Returns the slot of a child, if it is there.
    pub(crate) fn get_mut(&mut self, child: ChildId) -> Option<&mut Slot> {
        self.roster.get_mut(child)
    }

    /// Counts a new instance of a child that is down. [`spawned`](Self::spawned) must follow.
    #[inline]
    pub(crate) fn begin(&mut self, child: ChildId, now: Moment) {
        let slot = &mut self.roster[child];
        self.counters.set_plan(slot, Plan::Policy);
        self.counters.set_given_up(slot, false);
        self.instances += 1;
        slot.begin(self.instances, now);
    }

    /// Notes what the new instance runs as.
    #[inline]
    pub(crate) fn spawned(&mut self, child: ChildId, phase: Phase, body: Body) {
        let slot = &mut self.roster[child];
        self.counters.set_phase(slot, phase);
        slot.set_body(body);
    }

    /// Notes that a child is up.
    pub(crate) fn note_up(&mut self, child: ChildId) {
        self.roster[child].note_up();
        self.is_kept = false;
    }

    /// Asks the instance of a child to stop.
    #[inline]
    pub(crate) fn request_stop(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        self.counters.set_phase(slot, Phase::Stopping);
        slot.request_stop();
    }

    /// Kills the instance of a child, as part of a wave.
    pub(crate) fn kill(&mut self, child: ChildId, wave: u32) {
        let slot = &mut self.roster[child];
        self.counters.set_phase(slot, Phase::Killed);
        slot.kill(wave);
    }

    /// Notes that nothing of the instance is alive, so a new one may be started.
    #[inline]
    pub(crate) fn release(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        self.counters.set_phase(slot, Phase::Down);
        if let Some(body) = slot.take_body() {
            body.release();
        }
    }

    /// Notes that the instance is ready.
    pub(crate) fn ready(&mut self, child: ChildId, now: Moment) {
        let slot = &mut self.roster[child];
        slot.record_mut().ready(now);
        self.counters.set_phase(slot, Phase::Up);
    }

    /// Holds the slot of an instance that does not end.
    pub(crate) fn hold_unresponsive(&mut self, child: ChildId) {
        self.counters.set_phase(&mut self.roster[child], Phase::Unresponsive);
    }

    /// Sets the deadline of the phase that a child is in now, in place of the pending one.
    #[inline]
    pub(crate) fn schedule(
        &mut self,
        child: ChildId,
        after: Option<Duration>,
        timers: &mut Timers,
        clock: &Clock,
    ) {
        let slot = &mut self.roster[child];
        if slot.set_deadline(None).is_some() {
            timers.settle();
        }
        if let Some(after) = after {
            let (instance, phase) = (slot.instance(), slot.phase());
            let alarm = Alarm::Child { child, instance, phase, again: Again::NEVER };
            slot.set_deadline(Some(timers.set(clock, alarm, after)));
        }
    }

    /// Notes that a deadline of the phase that a child is in begins again, and passes at `at`.
    pub(crate) fn begin_again(&mut self, child: ChildId, at: Moment) {
        let before = self.roster[child].set_deadline(Some(at));
        debug_assert!(before.is_none(), "the deadline has passed");
    }

    /// Notes that the deadline of a child has passed.
    #[inline]
    pub(crate) fn expire(&mut self, child: ChildId, timers: &mut Timers) {
        if self.roster[child].set_deadline(None).is_some() {
            timers.settle();
        }
    }

    /// Notes that a significant child has ended for good.
    pub(crate) fn depart(&mut self, child: ChildId) {
        self.departures.add(child, &mut self.roster[child]);
    }

    /// Takes the departures of this turn out, if there are any.
    pub(crate) fn take_departures(&mut self) -> Option<Vec<Departure>> {
        self.departures.take()
    }

    /// Takes out the first failure among all significant children that have departed.
    pub(crate) fn first_failure(&mut self) -> Option<Failure> {
        self.departures.first_failure(self.roster.slots())
    }

    /// Returns the spec that the next instance of a child is started from.
    #[inline]
    pub(crate) fn next_spec(&self, child: ChildId) -> &Arc<ChildSpec> {
        self.changes.successor(child).unwrap_or_else(|| self.roster[child].spec())
    }

    /// Sets the spec that takes the place of the present one once the child is down.
    pub(crate) fn set_successor(&mut self, child: ChildId, spec: Arc<ChildSpec>) {
        self.changes.set_successor(child, spec);
    }

    /// Returns whether a reload has yet to start any child.
    #[inline]
    pub(crate) fn has_unstarted(&self) -> bool {
        self.changes.has_unstarted()
    }

    /// Returns whether any change of a child waits for its end or start.
    #[inline]
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Returns whether a spec is to take the place of the present one of this child.
    pub(crate) fn has_successor(&self, child: ChildId) -> bool {
        self.changes.successor(child).is_some()
    }

    /// Takes out the spec that is to take the place of the present one of this child.
    pub(crate) fn take_successor(&mut self, child: ChildId) -> Option<Arc<ChildSpec>> {
        self.changes.take_successor(child)
    }

    /// Sets whether a child is removed once it is down, because a reload has left it out.
    pub(crate) fn set_leaving(&mut self, child: ChildId, is_leaving: bool) {
        self.changes.set_leaving(child, is_leaving);
    }

    /// Returns whether a child is removed once it is down.
    #[inline]
    pub(crate) fn is_leaving(&self, child: ChildId) -> bool {
        self.changes.is_leaving(child)
    }

    /// Sets whether a reload has yet to start a child.
    pub(crate) fn set_unstarted(&mut self, child: ChildId, is_unstarted: bool) {
        self.changes.set_unstarted(child, is_unstarted);
    }

    /// Returns whether a reload has yet to start a child.
    pub(crate) fn is_unstarted(&self, child: ChildId) -> bool {
        self.changes.is_unstarted(child)
    }

    /// Adds a child to the declared ones, which [`reorder`](Self::reorder) puts in its place.
    pub(crate) fn add_declared(&mut self, name: Arc<str>, spec: Arc<ChildSpec>) -> ChildId {
        let child = self.roster.add_last(Arc::clone(&name), spec);
        self.names.add(name, child);
        child
    }

    /// Makes a child that was added at run time one of the declared ones.
    pub(crate) fn declare(&mut self, child: ChildId) {
        self.roster[child].mark_declared();
    }

    /// Puts all children into this order.
    pub(crate) fn reorder(&mut self, order: &[ChildId]) {
        self.roster.reorder(order);
    }

    /// Puts a spec in the place of the present one, which is returned. The caller drops it: that may run
    /// destructors of the user's.
    pub(crate) fn replace_spec(&mut self, child: ChildId, spec: Arc<ChildSpec>) -> Arc<ChildSpec> {
        self.counters.replace_spec(&mut self.roster[child], spec)
    }

    /// Sets what follows once the child is down.
    pub(crate) fn set_plan(&mut self, child: ChildId, plan: Plan) {
        self.counters.set_plan(&mut self.roster[child], plan);
    }

    /// Notes that the child has exceeded its own restart limit and stays down.
    pub(crate) fn give_up(&mut self, child: ChildId) {
        self.counters.set_given_up(&mut self.roster[child], true);
    }

    /// Keeps the supervisor up if a command has removed a child while none was alive.
    pub(crate) fn keep_if_none_is_alive(&mut self) {
        self.is_kept |= self.counters.alive() == 0;
    }

    /// Answers a caller once the child is up or down. The command was polled in `task` first.
    pub(crate) fn answer_when(
        &mut self,
        child: ChildId,
        until: Until,
        reply: Reply,
        task: Option<task::Id>,
        entered: Option<Entered>,
    ) {
        let caller = Caller { reply, task, entered };
        self.counters.add_caller(&mut self.roster[child], until, caller);
    }

    /// Answers those callers with `error` that wait for the child to be up, and for which `is_answered`
    /// returns `true`.
    pub(crate) fn answer_some(
        &mut self,
        child: ChildId,
        error: &CommandError,
        mut is_answered: impl FnMut(&Roster, &Origin) -> bool,
    ) {
        let callers = match self.counters.take_callers(&mut self.roster[child], Until::Up) {
            None => return,
            Some(Taken::One(caller)) => vec![caller],
            Some(Taken::Many(callers)) => callers,
        };
        for caller in callers {
            if is_answered(&self.roster, &caller.origin()) {
                caller.reply.send(Err(error.clone()));
            } else {
                self.counters.add_caller(&mut self.roster[child], Until::Up, caller);
            }
        }
    }

    /// Answers the callers that wait for the child to be up or down: with its name, or with `error`.
    #[inline]
    pub(crate) fn answer(&mut self, child: ChildId, until: Until, error: Option<&CommandError>) {
        let slot = &mut self.roster[child];
        if !slot.has_callers() {
            return;
        }
        let answer = |slot: &Slot| {
            error.map_or_else(|| Ok(Arc::clone(slot.name())), |error| Err(error.clone()))
        };
        match self.counters.take_callers(slot, until) {
            None => {}
            Some(Taken::One(caller)) => caller.reply.send(answer(slot)),
            Some(Taken::Many(callers)) if callers.len() > ANSWERS_PER_TURN => {
                let answer = answer(slot);
                self.late.add(callers, answer);
            }
            Some(Taken::Many(callers)) => {
                callers.into_iter().for_each(|caller| caller.reply.send(answer(slot)));
            }
        }
    }

    /// Sends the answers that were left for this turn. Returns whether none is left for another one.
    #[inline]
    pub(crate) fn send_late_answers(&mut self) -> bool {
        if !self.late.is_empty() {
            self.late.send();
        }
        self.late.is_empty()
    }

    /// Returns whether answers are left for another turn.
    pub(crate) fn has_late_answers(&self) -> bool {
        !self.late.is_empty()
    }

    /// Returns whether anybody has ever asked for a place.
    #[inline]
    pub(crate) fn has_reservations(&self) -> bool {
        self.room.is_some()
    }

    /// Returns the number of places that are held free.
    pub(crate) fn reserved(&self) -> usize {
        self.room.as_ref().map_or(0, |room| room.reserved())
    }

    /// Returns whether one more child, or one more place, may be added to at most so many.
    pub(crate) fn has_room(&self, max_children: usize) -> bool {
        self.roster.len() + self.reserved() < max_children
    }

    /// Holds a place free for a caller.
    pub(crate) fn grant(&mut self, reply: Reply<Place>, scope: &Arc<Scope>) {
        self.room.get_or_insert_default().grant(reply, scope);
    }

    /// Lets a caller wait for a place.
    pub(crate) fn wait_for_room(&mut self, reply: Reply<Place>) {
        self.room.get_or_insert_default().wait(reply);
    }

    /// Notes that a place is not held free any more.
    pub(crate) fn release_place(&mut self) {
        if let Some(room) = &mut self.room {
            room.release();
        }
    }

    /// Returns whether anybody waits for a place.
    #[inline]
    pub(crate) fn is_room_wanted(&self) -> bool {
        self.room.as_ref().is_some_and(|room| room.is_wanted())
    }

    /// Gives free places to the callers that wait for one.
    pub(crate) fn hand_out_places(&mut self, max_children: usize, scope: &Arc<Scope>) {
        while self.has_room(max_children) {
            let Some(room) = &mut self.room else { return };
            let Some(next) = room.next() else { return };
            // Nobody waits if there is room for any number.
            room.grant(next, scope);
        }
    }

    /// Refuses everybody who waits for a place.
    pub(crate) fn refuse_places(&mut self, error: CommandError) {
        if let Some(room) = &mut self.room {
            self.late.refuse(room.take_waiting(), error);
            self.late.send();
        }
    }

    /// Returns whether any child is not down.
    pub(crate) fn is_any_alive(&self) -> bool {
        self.counters.alive() > 0
    }

    /// Returns whether every child is down or unresponsive, so that no exit is awaited.
    pub(crate) fn are_all_joined(&self) -> bool {
        self.counters.alive() == self.counters.unresponsive()
    }

    pub(crate) fn is_any_unresponsive(&self) -> bool {
        self.counters.unresponsive() > 0
    }

    pub(crate) fn is_any_significant_alive(&self) -> bool {
        self.counters.significant() > 0
    }

    pub(crate) fn is_any_given_up(&self) -> bool {
        self.counters.given_up() > 0
    }

    /// Returns whether a command keeps the supervisor up although none of its children is alive.
    pub(crate) fn is_kept_by_hand(&self) -> bool {
        self.is_kept || self.counters.held() > 0
    }

    /// Returns whether any caller waits for a child to be up or down.
    pub(crate) fn has_callers(&self) -> bool {
        self.counters.callers() > 0
    }

    /// Returns the bodies of all instances that have not ended, in no order.
    pub(crate) fn living(&self) -> impl Iterator<Item = &Body> {
        self.roster.slots().filter_map(Slot::body).chain(&self.leftovers)
    }

    /// Tells everybody who waits for the result of a task that its supervisor is gone.
    pub(crate) fn settle(&self) {
        self.roster.slots().for_each(|slot| slot.spec().note_settled());
    }

    /// Keeps a failure that is to be the exit of the living instance.
    pub(crate) fn inject(&mut self, child: ChildId, error: ExitError) {
        self.injected.get_or_insert_default().insert(child, error);
    }

    /// Takes out the failure that is to be the exit of an instance.
    pub(crate) fn take_injected(&mut self, child: ChildId) -> Option<ExitError> {
        let error = self.injected.as_mut()?.remove(&child);
        self.injected.take_if(|injected| injected.is_empty());
        error
    }

    /// Returns the callers that wait for the ends and states of children.
    pub(crate) fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    pub(crate) fn watchers_mut(&mut self) -> &mut Watchers {
        &mut self.watchers
    }

    /// Answers the callers that wait for the end of the present instance of a child.
    pub(crate) fn answer_ends(&mut self, child: ChildId, answer: &Result<Exit, CommandError>) {
        let replies = self.watchers.take_ends(child);
        if replies.len() > ANSWERS_PER_TURN {
            return self.late.add_ends(replies, answer.clone());
        }
        replies.into_iter().for_each(|reply| reply.send(answer.clone()));
    }

    /// Takes every child out, in start order, and keeps the bodies of instances that have not ended.
    /// `each` is told whether the instance is a nested supervisor.
    pub(crate) fn dissolve(&mut self, mut each: impl FnMut(ChildId, Slot, bool)) {
        self.counters = Counters::default();
        for (child, mut slot) in std::mem::take(&mut self.roster).into_slots() {
            let is_supervisor = slot.is_supervisor();
            slot.spec().note_settled();
            // The body is kept first: `each` may drop the slot, which runs destructors of the user's.
            self.leftovers.extend(slot.take_body());
            each(child, slot, is_supervisor);
        }
    }
}

impl Deref for Children {
    type Target = Roster;

    fn deref(&self) -> &Roster {
        &self.roster
    }
}

impl Index<ChildId> for Children {
    type Output = Slot;

    #[inline]
    fn index(&self, child: ChildId) -> &Slot {
        &self.roster[child]
    }
}

impl IndexMut<ChildId> for Children {
    #[inline]
    fn index_mut(&mut self, child: ChildId) -> &mut Slot {
        &mut self.roster[child]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::time::Clock;

    fn counts(children: &Children) -> [usize; 6] {
        let counters = &children.counters;
        let [alive, unresponsive] = [counters.alive(), counters.unresponsive()];
        let [significant, held] = [counters.significant(), counters.held()];
        [alive, unresponsive, significant, held, counters.given_up(), counters.callers()]
    }

    /// Invariants 1 and 3, along a life with every phase.
    #[tokio::test]
    async fn the_counters_follow_the_slots() {
        let mut children = Children::default();
        let clock = Clock::new();
        let spec = ChildSpec::new("a", async |_| {}).significant();
        let child = children.add_last(Arc::from("a"), Arc::new(spec));
        assert_eq!(counts(&children), [0; 6]);

        children.set_plan(child, Plan::Stay);
        children.give_up(child);
        assert_eq!(counts(&children), [0, 0, 0, 1, 1, 0]);

        children.begin(child, clock.moment());
        let body = || Body::Task { task: tokio::spawn(async {}), context: None };
        children.spawned(child, Phase::Starting, body());
        assert_eq!(counts(&children), [1, 0, 1, 0, 0, 0]);

        children.ready(child, clock.moment());
        children.request_stop(child);
        children.kill(child, 1);
        assert_eq!(counts(&children), [1, 0, 1, 0, 0, 0]);
        children.hold_unresponsive(child);
        assert_eq!(counts(&children), [1, 1, 1, 0, 0, 0]);
        assert!(children.are_all_joined() && children.is_any_alive());

        children.release(child);
        assert_eq!(counts(&children), [0; 6]);
        assert!(children[child].body().is_none());

        let (sender, receiver) = tokio::sync::oneshot::channel();
        children.answer_when(child, Until::Up, Reply::new(sender), None, None);
        children.answer(child, Until::Down, None);
        assert_eq!(counts(&children), [0, 0, 0, 0, 0, 1]);
        children.answer(child, Until::Up, None);
        assert_eq!(counts(&children), [0; 6]);
        assert_eq!(&*receiver.await.expect("it is answered").expect("it is up"), "a");

        children.set_plan(child, Plan::Stay);
        children.give_up(child);
        children.remove(child);
        assert_eq!(counts(&children), [0; 6]);
    }

    /// A caller may ask again and again about a child that does not end, and give up each time.
    #[test]
    fn callers_that_have_given_up_take_no_room() {
        let mut children = Children::default();
        let spec = ChildSpec::new("a", async |_| {});
        let child = children.add_last(Arc::from("a"), Arc::new(spec));
        let (reply, mut answer) = tokio::sync::oneshot::channel();
        children.answer_when(child, Until::Down, Reply::new(reply), None, None);
        for _ in 0..10_000 {
            let (abandoned, _) = tokio::sync::oneshot::channel();
            children.answer_when(child, Until::Down, Reply::new(abandoned), None, None);
            assert!(children.counters.callers() < 1_000);
        }
        children.answer(child, Until::Down, None);
        assert!(answer.try_recv().is_ok() && !children.has_callers());
    }

    #[test]
    fn a_removal_by_hand_keeps_the_supervisor_until_a_child_is_up() {
        let mut children = Children::default();
        let spec = || Arc::new(ChildSpec::new("a", async |_| {}));
        let child = children.add_by_hand(Arc::from("a"), spec());
        children.remove(child);
        assert!(!children.is_kept_by_hand(), "only a command keeps it");
        children.keep_if_none_is_alive();
        assert!(children.is_kept_by_hand());
        let child = children.add_by_hand(Arc::from("a"), spec());
        children.note_up(child);
        assert!(!children.is_kept_by_hand());
    }
}
