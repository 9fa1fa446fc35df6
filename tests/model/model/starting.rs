//! Starts: rules 5, 6 and 14.

use super::{Mail, Mode, Model, Phase, StopCause, Until, Wish};
use crate::answers::{Answer, Note};

impl Model<'_> {
    /// Builds a supervisor anew from its declaration.
    pub(super) fn begin(&mut self, sup: usize) {
        self.list_declared(sup);
        let parent = self.plan.units[sup].parent;
        let above = if sup == 0 {
            Vec::new()
        } else {
            [&[self.children[parent].instance], &*self.runs[parent].above].concat()
        };
        let run = &mut self.runs[sup];
        run.above = above;
        run.mode = Mode::Starting(0);
        run.mail = vec![Mail::Begin];
        run.due.clear();
        run.departed.clear();
        run.lost.clear();
        run.charged.clear();
        run.awaited = None;
        run.hold = None;
        (run.bound, run.given, run.look_at) = (None, None, None);
        run.has_started = false;
        run.kept = false;
        run.killed = false;
        run.failure = None;
        run.unclean.clear();
        run.told.begins();
    }

    pub(super) fn start(&mut self, sup: usize, unit: usize) {
        let worker = self.plan.units[unit].worker;
        let within = worker.and_then(|worker| worker.ready_within);
        // Rule 6: a worker has started when it is spawned, unless it declares readiness. A nested
        // supervisor has started when all its children have.
        let waits = worker.is_none() || within.is_some();
        self.runs[sup].due.retain(|&due| due != unit);
        self.runs[sup].lost.retain(|(lost, _)| *lost != Some(unit));
        let child = &mut self.children[unit];
        if child.given_up {
            self.notes.push(Note::StartedAgain);
        }
        assert_eq!((child.phase, child.gone), (Phase::Down, true), "rule 14: one instance");
        child.phase = Phase::Starting;
        child.wish = Wish::Policy;
        child.waits = false;
        child.given_up = false;
        child.up_since = None;
        child.asked = false;
        child.timed_out = false;
        child.gone = false;
        child.stirred = self.now;
        child.starts += 1;
        child.instance += 1;
        let says = |says: u32| within.is_some() && child.starts <= says.into();
        child.says = worker.is_some_and(|worker| says(worker.says));
        child.deadline = within.map(|within| self.now + within);
        let fact = format!("+{} #{}", self.plan.name(unit), child.starts);
        self.runs[sup].told.push(fact);
        if worker.is_none() {
            self.begin(unit);
        }
        if !waits {
            self.come_up(sup, unit);
        }
    }

    pub(super) fn become_ready(&mut self, sup: usize, unit: usize) {
        let child = &mut self.children[unit];
        if self.runs[sup].order.contains(&unit) && child.phase == Phase::Starting {
            child.deadline = None;
            self.tell(sup, "ready ", unit);
            self.come_up(sup, unit);
        }
    }

    /// Notes that the child counts as started.
    fn come_up(&mut self, sup: usize, unit: usize) {
        self.children[unit].phase = Phase::Up;
        self.children[unit].up_since = Some(self.now);
        self.listen(unit);
        self.end_start(sup, unit);
    }

    /// Answers the callers that wait for the start. Rule 25: from now on only its children keep the
    /// supervisor up.
    pub(super) fn end_start(&mut self, sup: usize, unit: usize) {
        let child = &mut self.children[unit];
        child.by_hand = false;
        child.was_up = true;
        self.runs[sup].kept = false;
        self.answer_callers(unit, Until::Up, &Answer::Done);
    }

    /// Rule 6: stops a child that declines or has not become ready in time.
    pub(super) fn not_ready(&mut self, sup: usize, unit: usize, stop_cause: StopCause) {
        if self.is_listed(sup, unit) && self.children[unit].phase == Phase::Starting {
            self.children[unit].stop_cause = Some(stop_cause);
            self.stop(sup, unit);
        }
    }

    /// Rule 36: returns whether a start of all children at once waits for one of them. A child that has
    /// started is not waited for again, whatever becomes of it.
    pub(super) fn awaits_start(&mut self, sup: usize) -> bool {
        let order = self.runs[sup].order.clone();
        let after = |unit: usize| order.iter().copied().skip_while(|&at| at != unit).nth(1);
        let mut next = self.runs[sup].awaited.or(order.first().copied());
        while let Some(unit) = next.filter(|&unit| !self.is_starting(unit)) {
            next = after(unit);
            self.runs[sup].awaited = next.or(Some(unit));
        }
        if next.is_some() {
            self.notes.push(Note::AllAwaited);
        }
        next.is_some()
    }

    /// Returns whether the next child has to wait for this one. The wait goes on if the child is
    /// restarted by hand in the meantime.
    pub(super) fn is_starting(&self, unit: usize) -> bool {
        let child = &self.children[unit];
        child.phase == Phase::Starting || child.stop_cause.is_some() || child.wish == Wish::Start
    }
}
