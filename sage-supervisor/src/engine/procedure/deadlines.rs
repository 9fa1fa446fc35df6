//! The deadlines of an engine's children and of the group that is being restarted.

use std::time::Duration;

use crate::child::{ChildContext, Reach};
use crate::engine::Engine;
use crate::engine::children::{Body, Slot};
use crate::engine::phase::Phase;
use crate::engine::time::{Again, Alarm, Clock, Deadline, Moment, time_again};
use crate::policy::Shutdown;
use crate::scope::ChildId;

impl Engine {
    /// Sets the deadline of the phase that a child is in now, in place of the pending one.
    #[inline]
    pub(crate) fn schedule(&mut self, child: ChildId, after: Option<Duration>) {
        self.children.schedule(child, after, &mut self.timers, &self.clock);
        if self.scope.has_real_time() {
            self.keep_real_time_of(child);
        }
    }

    /// Cancels the start that a child waits for during its backoff.
    pub(crate) fn cancel_start(&mut self, child: ChildId) {
        let slot = &mut self.children[child];
        slot.set_waits(false);
        // Outside of this phase the deadline belongs to the living instance.
        if slot.phase() == Phase::Down {
            self.schedule(child, None);
        }
    }

    /// Delays the start of the group that is being restarted.
    pub(super) fn hold_group(&mut self, delay: Duration) {
        self.release_group();
        if !delay.is_zero() {
            self.group_start = Some(self.timers.set(&self.clock, Alarm::GroupBackoff, delay));
        }
    }

    /// Cancels the delay of the group, if there is one.
    pub(crate) fn release_group(&mut self) {
        if self.group_start.take().is_some() {
            self.timers.settle();
        }
    }

    /// Cancels the look at the reserve, if one is pending.
    pub(crate) fn release_reserve(&mut self) {
        if self.bounded.as_mut().and_then(|bounded| bounded.at.take()).is_some() {
            self.timers.settle();
        }
    }

    /// Notes that a deadline has passed. Returns `false` if it was cancelled before.
    pub(crate) fn expire(&mut self, deadline: &Deadline) -> bool {
        if !self.is_pending(deadline) {
            return false;
        }
        match deadline.alarm {
            Alarm::Child { child, .. } => self.children.expire(child, &mut self.timers),
            Alarm::GroupBackoff => self.release_group(),
            Alarm::Reserve => self.release_reserve(),
            Alarm::SharedTimeout { .. } | Alarm::WaveGrace { .. } => self.timers.settle(),
        }
        true
    }

    /// Drops cancelled deadlines, so that they neither pile up nor wake the engine.
    pub(crate) fn sweep_deadlines(&mut self) {
        // The timers are taken out, because the check borrows the engine.
        let mut timers = std::mem::take(&mut self.timers);
        timers.sweep(|deadline| self.is_pending(deadline));
        if timers.has_real_time() {
            timers.let_go(|held| self.is_pending(held) && self.lives_in_real_time(held.alarm));
        }
        self.timers = timers;
    }

    /// Returns whether the deadline is pending: its child or group has neither replaced nor cancelled it.
    fn is_pending(&self, deadline: &Deadline) -> bool {
        let owned = match deadline.alarm {
            // A phase may end at the very moment at which the next phase would expire, so the moment
            // alone does not tell their deadlines apart.
            Alarm::Child { child, instance, phase, .. } => self
                .children
                .get(child)
                .filter(|slot| slot.instance() == instance && slot.phase() == phase)
                .and_then(Slot::deadline),
            Alarm::GroupBackoff => self.group_start,
            Alarm::Reserve => self.bounded.as_ref().and_then(|bounded| bounded.at),
            // Deadlines that several children share are never cancelled.
            Alarm::SharedTimeout { .. } | Alarm::WaveGrace { .. } => Some(deadline.at),
        };
        owned == Some(deadline.at)
    }

    /// Gives a limit that has passed its time again, unless it is to be acted upon. Returns whether the
    /// limit begins again.
    pub(crate) fn begins_again(&mut self, deadline: Deadline, heard_at: Moment) -> bool {
        let alarm = deadline.alarm;
        let Some(length) = self.length(alarm) else { return false };
        if let Some(left) = self.rest_of_grace(alarm) {
            self.set_again(alarm.begun(Again::NEVER), left);
            return true;
        }
        if !Clock::is_real() {
            return self.hold(deadline, length);
        }
        let reach = self.reach(alarm);
        let late = heard_at.since(deadline.at);
        let again = time_again(length, late, alarm.again(), reach);
        if let Some((time, times)) = again {
            self.set_again(alarm.begun(times), time);
        }
        again.is_some()
    }

    /// Returns the length of a limit on children. A backoff is no limit.
    fn length(&self, alarm: Alarm) -> Option<Duration> {
        match alarm {
            Alarm::Child { child, phase, .. } => self.length_of_phase(child, phase),
            Alarm::GroupBackoff | Alarm::Reserve => None,
            Alarm::SharedTimeout { nanos, .. } => Some(Duration::from_nanos(nanos)),
            Alarm::WaveGrace { .. } => Some(self.timeouts.kill_grace),
        }
    }

    fn length_of_phase(&self, child: ChildId, phase: Phase) -> Option<Duration> {
        let spec = self.children[child].spec();
        match phase {
            Phase::Down => None,
            Phase::Starting => spec.ready_within_setting(),
            Phase::Up => spec.heartbeat_setting(),
            Phase::Stopping => match spec.shutdown_setting().normalised() {
                Shutdown::Timeout(time) => Some(time),
                Shutdown::BrutalKill | Shutdown::Infinity => None,
            },
            Phase::Killed => Some(self.timeouts.kill_grace),
            Phase::Unresponsive => Some(self.timeouts.unresponsive_timeout),
        }
    }

    /// Returns the rest of the grace of a wave whose members still end. Each of them may wait for the
    /// destructors of those before it, so the grace counts from the last that has ended.
    fn rest_of_grace(&self, alarm: Alarm) -> Option<Duration> {
        let Alarm::WaveGrace { wave, .. } = alarm else { return None };
        let quiet = self.clock.now() - self.scope.last_killed()?;
        let rest = self.timeouts.kill_grace.checked_sub(quiet).filter(|rest| !rest.is_zero())?;
        self.members(wave).next().map(|_| rest)
    }

    fn members(&self, wave: u32) -> impl Iterator<Item = &Slot> {
        self.children.slots().filter(move |slot| slot.is_in_wave(wave))
    }

    /// Returns how far an instance could run, and asks it if that has not been done for this limit.
    fn reach(&self, alarm: Alarm) -> Reach {
        let Alarm::Child { child, phase, again, .. } = alarm else { return Reach::Unknown };
        let context = self.children[child].body().and_then(Body::context);
        let Some(probe) = context.and_then(ChildContext::probe) else { return Reach::Unknown };
        match phase {
            Phase::Down | Phase::Unresponsive => Reach::Unknown,
            // An abort wakes the task as well.
            Phase::Killed => probe.reach_of_abort(),
            Phase::Starting | Phase::Up | Phase::Stopping if again == Again::NEVER => {
                probe.ask();
                Reach::Asked
            }
            Phase::Starting | Phase::Up | Phase::Stopping => probe.reach(),
        }
    }

    fn set_again(&mut self, alarm: Alarm, after: Duration) {
        let at = self.timers.set(&self.clock, alarm, after);
        if let Alarm::Child { child, .. } = alarm {
            self.children.begin_again(child, at);
        }
    }

    /// Holds a limit on what lives in real time until that time is over as well. Returns whether the
    /// limit is held.
    fn hold(&mut self, deadline: Deadline, length: Duration) -> bool {
        let alarm = deadline.alarm;
        if alarm.again() == Again::LAST || !self.lives_in_real_time(alarm) {
            return false;
        }
        let (mut time, mut beats) = (length, None);
        if let Alarm::Child { child, phase, .. } = alarm {
            let context = self.children[child].body().and_then(Body::context).cloned();
            if let Some(context) = context.filter(|_| phase == Phase::Up) {
                time = length.saturating_sub(context.silence().unwrap_or_default());
                let before = context.last_beat();
                beats = Some(move || context.last_beat() != before);
            }
        }
        let is_held = self.timers.hold(&self.clock, deadline, time, beats);
        if let (true, Alarm::Child { child, .. }) = (is_held, alarm) {
            self.children.begin_again(child, deadline.at);
        }
        is_held
    }

    /// Keeps the limit that was just set for a child, if the child lives in real time and the clock is
    /// paused.
    #[cold]
    fn keep_real_time_of(&mut self, child: ChildId) {
        let slot = &self.children[child];
        let Some(at) = slot.deadline() else { return };
        let (instance, phase) = (slot.instance(), slot.phase());
        // A heartbeat is always awaited. The clock would never move again.
        if matches!(phase, Phase::Down | Phase::Up)
            || !slot.body().is_some_and(Body::is_thread_or_process)
        {
            return;
        }
        let alarm = Alarm::Child { child, instance, phase, again: Again::NEVER };
        self.keep_real_time(Deadline { at, alarm });
    }

    fn keep_real_time(&mut self, deadline: Deadline) {
        if let Some(length) = self.length(deadline.alarm).filter(|_| !Clock::is_real()) {
            self.timers.keep_real_time(deadline, length);
        }
    }

    /// Sets a deadline that several children share.
    pub(super) fn set_shared(&mut self, alarm: Alarm, after: Duration) {
        let at = self.timers.set(&self.clock, alarm, after);
        if self.scope.has_real_time() && self.lives_in_real_time(alarm) {
            self.keep_real_time(Deadline { at, alarm });
        }
    }

    /// Returns whether a limit concerns anything that lives in real time.
    fn lives_in_real_time(&self, alarm: Alarm) -> bool {
        let is_one = |slot: &Slot| slot.body().is_some_and(Body::lives_in_real_time);
        match alarm {
            Alarm::GroupBackoff | Alarm::Reserve => false,
            // No task is unresponsive while the clock is paused, so this is a thread or a process, or
            // has one below.
            Alarm::Child { phase: Phase::Unresponsive, .. } => true,
            Alarm::Child { child, .. } => self.children.get(child).is_some_and(is_one),
            Alarm::SharedTimeout { nanos, .. } => self
                .waves
                .of(Duration::from_nanos(nanos))
                .filter_map(|child| self.children.get(child))
                .any(|slot| slot.phase() == Phase::Stopping && is_one(slot)),
            Alarm::WaveGrace { wave, .. } => self.members(wave).next().is_some(),
        }
    }
}
