//! Restarts: rules 9 to 13 and 15 to 18.

use std::time::Duration;

use super::{Mode, Model, Until, Wish};
use crate::answers::{Answer, Note};
use crate::facts::{Exit, Failure};
use crate::tree::{DEFAULT_LIMIT, Strategy};

impl Model<'_> {
    /// Decides what follows from the exits of this turn that lead to a restart.
    pub(super) fn decide(&mut self, sup: usize) {
        // Rule 28: a child that was stopped by hand in the same turn stays down.
        let mut due = self.runs[sup].due.clone();
        due.retain(|&child| self.children[child].wish != Wish::Stay);
        if matches!(self.runs[sup].mode, Mode::Starting(_) | Mode::Running) {
            due.retain(|&child| self.charge_own_limit(sup, child));
        }
        let Some(&earliest) = due.iter().min_by_key(|&&child| self.place(child)) else { return };
        let place = self.place(earliest);
        match self.runs[sup].mode {
            // Rule 16: the exit belongs to the restart in progress, and may widen it.
            Mode::Restarting { root, at } if place < root => {
                self.notes.push(Note::Widened);
                let stopped = |unit: &usize| self.children[*unit].wish == Wish::Stay;
                if self.runs[sup].order[place..root].iter().any(stopped) {
                    self.notes.push(Note::WidenedToStopped);
                }
                self.restart_group(sup, place, root, at);
            }
            mode @ (Mode::Starting(_) | Mode::Running) => {
                let count = self.runs[sup].order.len();
                let strategy = self.plan.units[sup].settings.strategy;
                // Rule 15: the children that were started before the failed one stay up.
                let failed = |child: &usize| {
                    let last = self.children[*child].last.as_ref();
                    mode != Mode::Running && last.is_some_and(Exit::is_failed_start)
                };
                // Rules 9, 10 and 11: the strategy decides on the root of the restart.
                let root = match strategy {
                    Strategy::OneForOne => return self.restart_each(sup, &due),
                    Strategy::OneForAll if !due.iter().all(failed) => 0,
                    Strategy::OneForAll | Strategy::RestForOne => place,
                };
                let delay = self.delay(sup, earliest);
                if self.charge(sup, earliest, count - root - 1, delay) {
                    self.restart_group(sup, root, count, count);
                    self.hold(sup, delay);
                }
            }
            _ => {}
        }
    }

    /// Rule 9: restarts each child alone. The contract leaves the order of the charges open; the
    /// model charges in the order of the exits.
    fn restart_each(&mut self, sup: usize, due: &[usize]) {
        for &child in due {
            let delay = self.delay(sup, child);
            if !self.charge(sup, child, 0, delay) {
                return;
            }
            self.start_after(sup, child, delay);
        }
    }

    /// Rule 13: the restart discards all earlier commands to the children from `root` to `end`.
    fn restart_group(&mut self, sup: usize, root: usize, end: usize, at: usize) {
        for place in root..end {
            let unit = self.runs[sup].order[place];
            if self.children[unit].wish == Wish::Stay {
                self.notes.push(Note::StoppedBefore);
            }
            self.children[unit].wish = Wish::Policy;
            // Rule 8: a child that is started with its group is retried with its group. An added
            // child that was never up still counts as a start by hand.
            let child = &mut self.children[unit];
            child.by_hand &= child.added && !child.was_up;
            if self.stays_removed(sup, unit) {
                self.answer_callers(unit, Until::Up, &Answer::Restarting);
            }
        }
        self.runs[sup].mode = Mode::Restarting { root, at };
        // Rule 36: the members are asked at once.
        if self.plan.units[sup].settings.stops_together {
            self.notes.push(Note::GroupAsked);
            for unit in self.runs[sup].order.clone().drain(root..end) {
                self.bring_down(sup, unit);
            }
        }
    }

    /// Rules 17 and 18: charges a restart to the limit. If the limit is reached, the supervisor
    /// ends and the result is `false`.
    fn charge(&mut self, sup: usize, unit: usize, group: usize, delay: u64) -> bool {
        let mut used = 0;
        let limit = self.plan.units[sup].settings.limit;
        // Rule 17: a limit that nobody has set leaves out what is delayed.
        let leaves_out = limit == Some(DEFAULT_LIMIT) && delay > 0;
        if leaves_out {
            self.notes.push(Note::LeftOutOfLimit);
        }
        if let Some((max, within)) = limit.filter(|_| !leaves_out) {
            self.forgive_living(sup);
            let run = &mut self.runs[sup];
            run.charged.retain(|(then, _)| self.now - then <= within);
            used = run.charged.len() + 1;
            if used > max as usize {
                let [path, child] = [sup, unit].map(|unit| self.plan.units[unit].path.clone());
                let exit = self.children[unit].last.clone().expect("it has ended");
                run.failure = Some(Failure::Limit { path, child, max, within, exit: exit.into() });
                self.tell(sup, "restart_limit ", unit);
                self.close(sup);
                return false;
            }
            run.charged.push((self.now, Some(unit)));
        }
        let (name, delay) = (self.plan.name(unit), Duration::from_millis(delay));
        let fact = format!("restart {name} group={group} used={used} after {delay:?}");
        self.runs[sup].told.push(fact);
        true
    }

    /// Returns whether the procedure in progress has yet to start the child.
    pub(super) fn is_to_start(&self, sup: usize, unit: usize) -> bool {
        match self.runs[sup].mode {
            Mode::Starting(first) | Mode::Restarting { root: first, .. } => {
                self.place(unit) >= first
            }
            _ => false,
        }
    }
}
