//! The slot of one child: all that its engine knows of it.
//!
//! The fields are private. A field on which a counter of [`Children`](super::Children) depends (the
//! phase, the plan, the given-up flag and the waiting callers) is changed by `Children` alone; the
//! setters for it are visible in this folder only.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task;

use super::body::Body;
use super::record::Record;
use crate::backoff::Backoff;
use crate::child::ChildSpec;
use crate::engine::phase::Phase;
use crate::engine::time::Moment;
use crate::exit::Exit;
use crate::report::EndCause;
use crate::scope::{Entered, Origin, Reply};

/// The slot of one child. It holds at most one instance at a time.
pub(crate) struct Slot {
    /// The name of the spec, or a generated one.
    name: Arc<str>,
    spec: Arc<ChildSpec>,
    phase: Phase,
    /// Present from the start of an instance until nothing of it is alive.
    body: Option<Body>,
    /// The pending deadline of the present phase.
    deadline: Option<Moment>,
    /// The number of the present or last instance, among all instances of this engine.
    instance: u64,
    /// The number of instances of this child so far.
    starts: u64,
    /// `true` if the engine has asked the present instance to end.
    asked: bool,
    /// `true` if the instance was killed during the final stop because its shutdown timed out.
    shutdown_timed_out: bool,
    /// The wave in which the instance was killed, if it was killed together with others.
    wave: u32,
    plan: Plan,
    /// `true` if the last exit leads to a restart that has not been decided on yet.
    is_due: bool,
    /// `true` if the child is down and waits for the end of its backoff.
    waits: bool,
    /// `true` if the child is down because it exceeded its own restart limit.
    is_given_up: bool,
    /// `true` if a child that is given up has said so itself.
    is_given_up_by_itself: bool,
    /// `true` if the present start was asked for by a command. Such a start is not retried.
    by_hand: bool,
    was_up: bool,
    /// `true` if the child was added at run time.
    is_added: bool,
    /// The callers that wait for this child. Most children have none.
    callers: Option<Box<Callers>>,
    /// The reason of the engine to stop the present instance, if the instance is to blame for it.
    stop_cause: Option<StopCause>,
    record: Record,
}

/// The command that decides what happens once the child is down, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// No command was given: the restart policy decides.
    Policy,
    /// The child was stopped by a command. It stays down until a command or a restart of its group
    /// starts it.
    Stay,
    /// The child was restarted by a command, and is started as soon as it is down.
    Start,
}

/// The number of callers up to which nobody looks for those that have given up.
const CALLERS_KEPT: usize = 64;

/// Removes the callers from a full list that have given up, and returns their number. The list has room
/// for as many callers then as are left, so that the cost is O(1) amortised.
#[cold]
fn remove_given_up(callers: &mut Vec<Caller>) -> usize {
    let before = callers.len();
    callers.retain(|caller| !caller.reply.is_closed());
    callers.reserve(callers.len());
    before - callers.len()
}

/// The callers of commands that wait for one child to be up or down, in the order in which they came.
///
/// Most children have one caller at most, who is kept without a vector.
enum Callers {
    One(Until, Caller),
    Many { up: Vec<Caller>, down: Vec<Caller> },
}

impl Callers {
    /// Adds a caller. Returns the number of callers before it that were removed.
    fn add(&mut self, until: Until, caller: Caller) -> usize {
        let callers = match self {
            Self::One(..) => {
                let both = Self::Many { up: Vec::new(), down: Vec::new() };
                if let Self::One(first_until, first) = std::mem::replace(self, both) {
                    self.add(first_until, first);
                }
                return self.add(until, caller);
            }
            Self::Many { up, .. } if until == Until::Up => up,
            Self::Many { down, .. } => down,
        };
        let mut given_up = 0;
        if callers.len() == callers.capacity() && callers.len() >= CALLERS_KEPT {
            given_up = remove_given_up(callers);
        }
        callers.push(caller);
        given_up
    }
}

/// Callers that have been taken out of a slot.
pub(super) enum Taken {
    One(Caller),
    Many(Vec<Caller>),
}

impl Taken {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(callers) => callers.len(),
        }
    }
}

/// A caller of a command that is answered when the child is up or down.
pub(super) struct Caller {
    pub(super) reply: Reply,
    /// The task that the command was polled in first.
    pub(super) task: Option<task::Id>,
    /// The entry of the command, if it was given by a child of the tree that waits for the answer.
    pub(super) entered: Option<Entered>,
}

impl Caller {
    /// Returns the giver of the command.
    pub(super) fn origin(&self) -> Origin {
        let asker = self.entered.as_ref().map(|entered| Weak::clone(&entered.asker));
        Origin { task: self.task, asker }
    }
}

/// The event that a caller waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    Up,
    Down,
}

/// The reason of an engine to stop an instance before anybody asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopCause {
    /// The instance was not ready in time: the start has failed.
    ReadyTimeout,
    /// The instance has missed a heartbeat.
    HeartbeatMissed,
    /// The instance has declined to run: the child stays down.
    Declined,
    /// A command has injected a failure. `was_starting` is `true` if the instance was not ready yet.
    FailedByHand { was_starting: bool },
    /// The instance has an error that no restart can help.
    Verdict,
}

impl Slot {
    pub(super) fn new(name: Arc<str>, spec: Arc<ChildSpec>) -> Self {
        Self {
            name,
            spec,
            phase: Phase::Down,
            body: None,
            deadline: None,
            instance: 0,
            starts: 0,
            asked: false,
            shutdown_timed_out: false,
            wave: 0,
            plan: Plan::Policy,
            is_due: false,
            waits: false,
            is_given_up: false,
            is_given_up_by_itself: false,
            by_hand: false,
            was_up: false,
            is_added: false,
            callers: None,
            stop_cause: None,
            record: Record::default(),
        }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn spec(&self) -> &Arc<ChildSpec> {
        &self.spec
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) fn body(&self) -> Option<&Body> {
        self.body.as_ref()
    }

    pub(crate) fn instance(&self) -> u64 {
        self.instance
    }

    pub(crate) fn starts(&self) -> u64 {
        self.starts
    }

    /// Returns whether the engine has asked the present instance to end.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked
    }

    /// Notes that the instance has ended because its owner asked for it.
    pub(crate) fn note_asked(&mut self) {
        self.asked = true;
    }

    /// Returns whether the instance was killed during the final stop because its shutdown timed out.
    pub(crate) fn shutdown_timed_out(&self) -> bool {
        self.shutdown_timed_out
    }

    /// Notes that the instance is killed during the final stop because its shutdown timed out. Nothing is
    /// started any more, so the note is never about an earlier instance.
    pub(crate) fn note_shutdown_timed_out(&mut self) {
        self.shutdown_timed_out = true;
    }

    /// Returns whether the instance was killed in this wave, shares its grace, and has not ended.
    pub(crate) fn is_in_wave(&self, wave: u32) -> bool {
        // A child with a deadline of its own was not killed as part of a wave.
        let shares_grace = self.phase == Phase::Killed && self.deadline.is_none();
        shares_grace && self.wave == wave && !self.is_supervisor()
    }

    pub(crate) fn plan(&self) -> Plan {
        self.plan
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// Returns whether a child that is given up has said so itself.
    pub(crate) fn is_given_up_by_itself(&self) -> bool {
        self.is_given_up && self.is_given_up_by_itself
    }

    /// Notes that the child that is given up now has said so itself.
    pub(crate) fn note_given_up_by_itself(&mut self) {
        self.is_given_up_by_itself = true;
    }

    pub(crate) fn was_up(&self) -> bool {
        self.was_up
    }

    pub(crate) fn is_added(&self) -> bool {
        self.is_added
    }

    pub(crate) fn has_callers(&self) -> bool {
        self.callers.is_some()
    }

    /// Returns whether anybody waits for a start of this child.
    pub(crate) fn is_start_awaited(&self) -> bool {
        match self.callers.as_deref() {
            None => false,
            Some(Callers::One(until, _)) => *until == Until::Up,
            Some(Callers::Many { up, .. }) => !up.is_empty(),
        }
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    pub(crate) fn record_mut(&mut self) -> &mut Record {
        &mut self.record
    }

    /// Returns the exit of the last instance that has ended.
    pub(crate) fn last_exit(&self) -> Option<&Exit> {
        self.record.last_exit()
    }

    /// Returns whether the children after this one must wait: this one is not ready yet, is being
    /// stopped because of a late start or a missed heartbeat, or is about to be started once more by a
    /// command.
    pub(crate) fn is_starting(&self) -> bool {
        // The stop cause is set until the exit of the instance, so the next child is not started
        // before it is decided what follows from that exit.
        let is_stopped = match self.stop_cause {
            // Nothing more follows from the exit for the children after this one.
            Some(StopCause::Verdict | StopCause::Declined) => self.phase != Phase::Unresponsive,
            Some(_) => true,
            None => false,
        };
        self.phase == Phase::Starting || is_stopped || self.plan == Plan::Start
    }

    /// Returns whether the living instance is a nested supervisor.
    pub(crate) fn is_supervisor(&self) -> bool {
        self.body.as_ref().is_some_and(Body::is_supervisor)
    }

    /// Returns whether the child was added at run time and was never started.
    pub(crate) fn was_only_queued(&self) -> bool {
        self.is_added && self.starts == 0
    }

    /// Returns whether the instance is a nested supervisor below which something is alive. Once that
    /// supervisor has ended, this is what it has left behind as unresponsive.
    pub(crate) fn has_leftovers(&self) -> bool {
        match &self.body {
            Some(Body::Supervisor(scope)) => !scope.vacated().is_cancelled(),
            _ => false,
        }
    }

    /// Returns whether this is a nested supervisor that has ended because somebody asked it to.
    pub(crate) fn was_shut_down(&self) -> bool {
        let Some(Body::Supervisor(scope)) = &self.body else { return false };
        let report = scope.outcome().get();
        report.is_some_and(|report| matches!(report.head().cause, EndCause::Requested { .. }))
    }

    /// Returns the pending deadline of the present phase.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        self.deadline
    }

    /// Replaces the deadline. Returns the one that was pending.
    pub(super) fn set_deadline(&mut self, deadline: Option<Moment>) -> Option<Moment> {
        std::mem::replace(&mut self.deadline, deadline)
    }

    pub(crate) fn stop_cause(&self) -> Option<StopCause> {
        self.stop_cause
    }

    /// Notes why the engine is about to stop the instance.
    pub(crate) fn blame(&mut self, cause: StopCause) {
        self.stop_cause = Some(cause);
    }

    pub(crate) fn take_stop_cause(&mut self) -> Option<StopCause> {
        self.stop_cause.take()
    }

    pub(crate) fn is_due(&self) -> bool {
        self.is_due
    }

    /// Notes that the exit of this turn leads to a restart.
    pub(crate) fn set_due(&mut self) {
        self.is_due = true;
    }

    /// Returns whether the restart was still due, and clears the mark.
    pub(crate) fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.is_due)
    }

    /// Returns whether the child waits for the end of its backoff.
    pub(crate) fn waits(&self) -> bool {
        self.waits
    }

    pub(crate) fn set_waits(&mut self, waits: bool) {
        debug_assert!(!waits || self.phase == Phase::Down, "only a child that is down waits");
        self.waits = waits;
    }

    /// Returns whether a failure of the present start ends the attempt instead of being retried.
    pub(crate) fn is_started_by_hand(&self) -> bool {
        self.by_hand
    }

    pub(crate) fn set_started_by_hand(&mut self, by_hand: bool) {
        self.by_hand = by_hand;
    }

    /// Counts one more restart in a row. Returns its delay by the child's own backoff, or by that of its
    /// supervisor.
    pub(crate) fn next_delay(&mut self, supervisors: Option<&Backoff>, rank: u64) -> Duration {
        let Some(backoff) = self.spec.backoff_setting().or(supervisors) else {
            return Duration::ZERO;
        };
        let failures = self.record.restarts_in_a_row();
        backoff.delay(failures, rank, self.starts)
    }

    /// Returns how long the present instance has been up, or how long the last one was: zero if its
    /// start has failed.
    pub(crate) fn up_for(&self, now: Moment) -> Duration {
        // A start may also fail where no readiness is reported: a lent value may be missing.
        if let (Phase::Down, Some(Exit::FailedStart(_))) = (self.phase, self.last_exit()) {
            return Duration::ZERO;
        }
        let spec = &self.spec;
        let reports_readiness =
            spec.kind().is_supervisor() || spec.ready_within_setting().is_some();
        self.record.up_for(now, reports_readiness)
    }

    pub(super) fn mark_added(&mut self) {
        self.is_added = true;
        self.by_hand = true;
    }

    pub(super) fn mark_declared(&mut self) {
        self.is_added = false;
    }

    /// Forgets the instance before, and counts a new one. The phase is set once it is spawned.
    #[inline]
    pub(super) fn begin(&mut self, instance: u64, now: Moment) {
        debug_assert_eq!(self.phase, Phase::Down, "at most one instance");
        self.starts += 1;
        self.instance = instance;
        self.asked = false;
        // A child that a command starts in the turn of its exit is not started again by that exit.
        self.is_due = false;
        self.waits = false;
        self.is_given_up_by_itself = false;
        self.record.started(now);
    }

    pub(super) fn note_up(&mut self) {
        self.by_hand = false;
        self.was_up = true;
    }

    /// Tells the instance to stop.
    pub(super) fn request_stop(&mut self) {
        self.asked = true;
        if let Some(body) = &self.body {
            body.ask_to_stop();
        }
    }

    /// Kills the instance as part of a wave.
    pub(super) fn kill(&mut self, wave: u32) {
        self.asked = true;
        self.wave = wave;
        if let Some(body) = &self.body {
            body.kill();
        }
    }

    pub(super) fn replace_phase(&mut self, phase: Phase) -> Phase {
        std::mem::replace(&mut self.phase, phase)
    }

    pub(super) fn replace_spec(&mut self, spec: Arc<ChildSpec>) -> Arc<ChildSpec> {
        std::mem::replace(&mut self.spec, spec)
    }

    pub(super) fn replace_plan(&mut self, plan: Plan) -> Plan {
        std::mem::replace(&mut self.plan, plan)
    }

    pub(super) fn replace_given_up(&mut self, is_given_up: bool) -> bool {
        std::mem::replace(&mut self.is_given_up, is_given_up)
    }

    pub(super) fn set_body(&mut self, body: Body) {
        self.body = Some(body);
    }

    pub(super) fn take_body(&mut self) -> Option<Body> {
        self.body.take()
    }

    /// Adds a caller. Returns the number of those before it that were removed, because they have given up.
    pub(super) fn add_caller(&mut self, until: Until, caller: Caller) -> usize {
        match &mut self.callers {
            None => {
                self.callers = Some(Box::new(Callers::One(until, caller)));
                0
            }
            Some(callers) => callers.add(until, caller),
        }
    }

    /// Takes out the callers that wait for one event. The others are not touched: there may be a million
    /// of them, and every further command looks for those of the other event.
    pub(super) fn take_callers(&mut self, until: Until) -> Option<Taken> {
        match self.callers.as_deref_mut()? {
            Callers::One(only, _) if *only != until => None,
            Callers::One(..) => match *self.callers.take()? {
                Callers::One(_, caller) => Some(Taken::One(caller)),
                Callers::Many { .. } => None,
            },
            Callers::Many { up, down } => {
                let (wanted, others) = if until == Until::Up { (up, down) } else { (down, up) };
                let taken = std::mem::take(wanted);
                if others.is_empty() {
                    self.callers = None;
                }
                Some(Taken::Many(taken))
            }
        }
    }

    /// Returns what the report of the supervisor's end keeps of the child.
    pub(crate) fn into_name_and_last_exit(self) -> (Arc<str>, Option<Exit>) {
        (self.name, self.record.into_last_exit())
    }
}
