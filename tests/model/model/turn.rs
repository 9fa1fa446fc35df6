//! The turn of a supervisor: all deliveries are taken in, decided upon, and acted upon.

use super::{Mail, Mode, Model, Move, Phase, StopCause};
use crate::facts::Exit;

impl Model<'_> {
    pub(crate) fn make(&mut self, next: Move) {
        match next {
            Move::Act(sup) => self.act(sup),
            Move::Says(worker) => {
                self.children[worker].says = false;
                self.ready(worker);
            }
            Move::Ends(worker) => {
                let (_, exit) = self.children[worker].ends.take().expect("it was told to end");
                self.gone(worker, exit);
            }
            Move::Release(sup) => {
                self.runs[sup].hold = None;
                self.post(sup, Mail::Begin);
            }
            Move::Look(sup) => {
                self.runs[sup].look_at = None;
                self.post(sup, Mail::Begin);
            }
            Move::Deadline(unit) => {
                let child = &mut self.children[unit];
                child.deadline = None;
                let mail = Mail::Deadline(unit, child.instance, child.phase);
                self.post(self.plan.units[unit].parent, mail);
            }
        }
    }

    pub(super) fn post(&mut self, sup: usize, mail: Mail) {
        self.runs[sup].mail.push(mail);
    }

    /// A supervisor takes in all deliveries, decides, and goes on.
    fn act(&mut self, sup: usize) {
        let mut mail = std::mem::take(&mut self.runs[sup].mail);
        // A child that ended in time has met its deadline, so deadlines come last.
        mail.sort_by_key(|mail| matches!(mail, Mail::Deadline(..)));
        for mail in mail {
            match mail {
                Mail::Begin => {}
                Mail::Exit(child, exit) => self.ended(sup, child, exit),
                Mail::Ready(child) => self.become_ready(sup, child),
                Mail::Decline(child) => self.not_ready(sup, child, StopCause::Declined),
                Mail::Deadline(child, instance, phase) => {
                    self.too_late(sup, child, instance, phase);
                }
                Mail::Command(request) => self.command(sup, request),
                Mail::Inquiry(pool, request) => self.inquiry(sup, pool, request),
                Mail::Bounded => self.hurry(sup),
                Mail::Stop => {
                    self.close(sup);
                    self.hand_down_bound(sup);
                }
                Mail::Kill => self.learn_of_kill(sup),
            }
        }
        self.learn_of_kill(sup);
        self.decide(sup);
        self.apply_departures(sup);
        self.runs[sup].due.clear();
        self.go_on(sup);
    }

    /// Ends an instance, and delivers the exit to its supervisor.
    pub(super) fn gone(&mut self, unit: usize, exit: Exit) {
        let child = &mut self.children[unit];
        child.ends = None;
        child.says = false;
        if !child.gone {
            child.gone = true;
            self.post(self.plan.units[unit].parent, Mail::Exit(unit, exit));
        }
    }

    /// Handles a deadline. By the phase of the child, the deadline is that of the stop (rule 22),
    /// of readiness (rule 6), of the heartbeat (rule 31), or the end of a delay.
    fn too_late(&mut self, sup: usize, unit: usize, instance: u64, phase: Phase) {
        let child = &self.children[unit];
        if !self.is_listed(sup, unit) || (child.instance, child.phase) != (instance, phase) {
            return;
        }
        match phase {
            Phase::Starting => self.not_ready(sup, unit, StopCause::Late),
            Phase::Up => self.miss_heartbeat(sup, unit),
            Phase::Stopping | Phase::Killed => {
                self.children[unit].timed_out = self.stops_for_good(sup);
                self.kill(sup, unit);
            }
            Phase::Down => self.end_wait(sup, unit),
        }
    }

    /// Returns whether the supervisor has begun its final stop.
    pub(super) fn stops_for_good(&self, sup: usize) -> bool {
        matches!(self.runs[sup].mode, Mode::Closing(_) | Mode::Draining | Mode::Killed)
    }

    pub(super) fn is_ending(&self, sup: usize) -> bool {
        let run = &self.runs[sup];
        run.killed
            || matches!(run.mode, Mode::Over | Mode::Closing(_) | Mode::Draining | Mode::Killed)
    }
}
