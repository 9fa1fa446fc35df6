//! One turn: what has been delivered is taken in, decided upon, and acted upon.

use super::{Mail, Mode, Model, Move, Phase, Verdict};
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

    /// A supervisor takes in all that has been delivered, decides, and goes on.
    fn act(&mut self, sup: usize) {
        let mut mail = std::mem::take(&mut self.runs[sup].mail);
        // A child that ended in time has met its deadline.
        mail.sort_by_key(|mail| matches!(mail, Mail::Deadline(..)));
        for mail in mail {
            match mail {
                Mail::Begin => {}
                Mail::Exit(child, exit) => self.ended(sup, child, exit),
                Mail::Ready(child) => self.is_ready(sup, child),
                Mail::Decline(child) => self.not_ready(sup, child, Verdict::Declined),
                Mail::Deadline(child, instance, phase) => {
                    self.too_late(sup, child, instance, phase);
                }
                Mail::Command(request) => self.command(sup, request),
                Mail::Inquiry(pool, request) => self.inquiry(sup, pool, request),
                Mail::Stop => self.close(sup),
                Mail::Kill => self.heed_doom(sup),
            }
        }
        self.heed_doom(sup);
        self.decide(sup);
        self.heed_departures(sup);
        self.runs[sup].due.clear();
        self.go_on(sup);
    }

    /// An instance has ended; its supervisor will hear of it.
    pub(super) fn gone(&mut self, unit: usize, exit: Exit) {
        let child = &mut self.children[unit];
        child.ends = None;
        child.says = false;
        if !child.gone {
            child.gone = true;
            self.post(self.plan.units[unit].parent, Mail::Exit(unit, exit));
        }
    }

    /// A child out of time is killed (rule 22), or its start has failed (rule 6), or it was silent for
    /// too long (rule 31). Or it is down, and has waited.
    fn too_late(&mut self, sup: usize, unit: usize, instance: u64, phase: Phase) {
        let child = &self.children[unit];
        if !self.is_listed(sup, unit) || (child.instance, child.phase) != (instance, phase) {
            return;
        }
        match phase {
            Phase::Starting => self.not_ready(sup, unit, Verdict::Late),
            Phase::Up => self.was_silent(sup, unit),
            Phase::Stopping | Phase::Killed => self.kill(sup, unit),
            Phase::Down => self.has_waited(sup, unit),
        }
    }

    pub(super) fn is_ending(&self, sup: usize) -> bool {
        let run = &self.runs[sup];
        run.doomed
            || matches!(run.mode, Mode::Over | Mode::Closing(_) | Mode::Draining | Mode::Killed)
    }
}
