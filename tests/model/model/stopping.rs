//! Stops and kills: rules 18, 22 and 26.

use super::{Mail, Mode, Model, Phase, Until};
use crate::answers::{Answer, Note};
use crate::facts::Exit;
use crate::tree::{OnStop, Shutdown};

impl Model<'_> {
    /// Rule 22: stops a child by its shutdown setting.
    pub(super) fn stop(&mut self, sup: usize, unit: usize) {
        let timeout = match self.plan.units[unit].shutdown {
            Shutdown::BrutalKill => return self.kill(sup, unit),
            Shutdown::Timeout(time) => Some(self.now + time),
            Shutdown::Infinity => None,
        };
        self.tell(sup, "stop ", unit);
        let child = &mut self.children[unit];
        child.phase = Phase::Stopping;
        child.asked = true;
        child.stirred = self.now;
        child.deadline = timeout;
        let Some(worker) = self.plan.units[unit].worker else {
            self.bound_stop(sup, unit, timeout);
            return self.post(unit, Mail::Stop);
        };
        let (after, exit) = match worker.on_stop {
            Some(OnStop::Obey) => (0, Exit::Normal),
            Some(OnStop::Fail) => (0, Exit::Error("while stopping".to_owned())),
            Some(OnStop::Panic) => (0, Exit::Panic("while stopping".to_owned())),
            Some(OnStop::After(time)) => (time, Exit::Normal),
            Some(OnStop::Ignore) | None => return,
        };
        if !self.children[unit].gone {
            self.children[unit].ends = Some((self.now + after, exit));
        }
    }

    pub(super) fn kill(&mut self, sup: usize, unit: usize) {
        self.tell(sup, "kill ", unit);
        let child = &mut self.children[unit];
        child.phase = Phase::Killed;
        child.asked = true;
        child.deadline = None;
        if !self.is_worker(unit) {
            self.abort(unit);
        } else if !self.children[unit].gone {
            self.children[unit].ends = Some((self.now, Exit::Killed));
        }
    }

    /// Rule 22: killing a supervisor aborts every descendant at once. The supervisors learn of the
    /// kill in their turns, from the top down, and first handle all that was delivered before.
    pub(super) fn abort(&mut self, sup: usize) {
        if self.runs[sup].mode != Mode::Over {
            self.mark_killed(sup);
            self.post(sup, Mail::Kill);
        }
    }

    fn mark_killed(&mut self, sup: usize) {
        let run = &mut self.runs[sup];
        if run.mode == Mode::Over || run.killed {
            return;
        }
        run.killed = true;
        run.hold = None;
        run.look_at = None;
        run.told.mark_killed();
        for unit in run.order.clone() {
            let child = &mut self.children[unit];
            child.deadline = None;
            // A killed task does not come to do what it was told. A task that has a reason to run
            // at this instant ends by itself, before its supervisor has learned of the kill.
            let runs = child.stirred == self.now
                || child.ends.as_ref().is_some_and(|(time, _)| *time == self.now);
            let worker = self.plan.units[unit].worker.is_some();
            child.ends = (runs && worker && !child.gone).then_some((self.now, Exit::Killed));
            child.says = false;
            self.mark_killed(unit);
        }
    }

    /// A supervisor learns that it is killed.
    pub(super) fn learn_of_kill(&mut self, sup: usize) {
        if !self.runs[sup].killed || self.runs[sup].mode == Mode::Killed {
            return;
        }
        self.runs[sup].mode = Mode::Killed;
        self.refuse_starts(sup);
        for unit in self.runs[sup].order.clone() {
            let child = &mut self.children[unit];
            if child.phase == Phase::Down {
                continue;
            }
            child.phase = Phase::Killed;
            child.asked = true;
            child.deadline = None;
            if self.is_worker(unit) { self.gone(unit, Exit::Killed) } else { self.abort(unit) }
        }
    }

    /// Begins to stop all children: in reverse order, or at once if they stop together or the supervisor is
    /// dynamic.
    pub(super) fn close(&mut self, sup: usize) {
        if self.is_ending(sup) {
            return;
        }
        let order = self.runs[sup].order.clone();
        self.refuse_starts(sup);
        self.runs[sup].hold = None;
        if order.iter().any(|&unit| self.children[unit].waits) {
            self.notes.push(Note::StoppedWaiting);
        }
        let settings = self.plan.units[sup].settings;
        if settings.dynamic.is_none() && !settings.stops_together {
            self.runs[sup].mode = Mode::Closing(order.len());
            return;
        }
        self.runs[sup].mode = Mode::Draining;
        if order.len() > 1 {
            self.notes.push(Note::Drained);
        }
        for unit in order {
            self.bring_down(sup, unit);
        }
    }

    /// Rule 28: no caller waits for a start in a supervisor that is being stopped.
    fn refuse_starts(&mut self, sup: usize) {
        for unit in self.runs[sup].order.clone() {
            self.answer_callers(unit, Until::Up, &Answer::NotRunning);
        }
    }

    /// Stops a child, unless it is being stopped or is down. Returns whether the child is down.
    pub(super) fn bring_down(&mut self, sup: usize, unit: usize) -> bool {
        if matches!(self.children[unit].phase, Phase::Starting | Phase::Up) {
            self.stop(sup, unit);
        }
        self.children[unit].phase == Phase::Down
    }
}
