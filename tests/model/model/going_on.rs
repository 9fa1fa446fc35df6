//! Progress of a procedure as far as it is possible without waiting: rules 5, 6, 10, 13, 18, 22 and
//! 25.

use super::{Mail, Mode, Model, Wish};
use crate::answers::Note;
use crate::tree::{RestartPolicy, TemporarySiblings};

impl Model<'_> {
    pub(super) fn go_on(&mut self, sup: usize) {
        loop {
            if matches!(self.runs[sup].mode, Mode::Closing(at) if at > 0) {
                self.keep_reserve(sup);
            }
            let (starts_together, count) =
                (self.plan.units[sup].settings.starts_together, self.runs[sup].order.len());
            // Rule 36: all are started at once, and the supervisor has started when all of them have.
            if starts_together
                && self.runs[sup].mode == Mode::Starting(count)
                && self.awaits_start(sup)
            {
                return;
            }
            let run = &self.runs[sup];
            let before = |at: usize| run.order[at - 1];
            let mode = match run.mode {
                // Rules 5 and 6: children start one after the other, each when the one before is
                // ready.
                Mode::Starting(next)
                    if next > 0 && !starts_together && self.is_starting(before(next)) =>
                {
                    return;
                }
                Mode::Starting(next) if next == count => {
                    self.finish_start(sup);
                    Mode::Running
                }
                Mode::Starting(next) => {
                    let unit = run.order[next];
                    self.runs[sup].mode = Mode::Starting(next + 1);
                    self.start_in_order(sup, unit);
                    continue;
                }
                // Rule 21: the group is down, and waits for its delay.
                Mode::Restarting { root, at } if at == root && run.hold.is_some() => {
                    return self.notes.push(Note::GroupWaits);
                }
                // Rule 10: the group stops in reverse order, one child after the other, and then
                // starts in order from the root on.
                Mode::Restarting { root, at } if at == root => {
                    self.runs[sup].awaited = None;
                    Mode::Starting(root)
                }
                Mode::Restarting { root, at } => match self.bring_down(sup, before(at)) {
                    true => Mode::Restarting { root, at: at - 1 },
                    false => return,
                },
                // Rules 18 and 22: the stop is complete.
                Mode::Closing(0) => return self.over(sup),
                Mode::Closing(at) => match self.bring_down(sup, before(at)) {
                    true => Mode::Closing(at - 1),
                    false => return,
                },
                Mode::Draining | Mode::Killed if self.all_down(sup) => return self.over(sup),
                Mode::Running if self.all_down(sup) && !self.stays_up(sup) => {
                    return self.over(sup);
                }
                Mode::Running if self.all_down(sup) => return self.note_why(sup),
                Mode::Running | Mode::Draining | Mode::Killed | Mode::Over => return,
            };
            self.runs[sup].mode = mode;
        }
    }

    /// Notes that all children have been started, for which the parent may wait (rule 6).
    fn finish_start(&mut self, sup: usize) {
        self.runs[sup].has_started = true;
        if sup != 0 {
            self.post(self.plan.units[sup].parent, Mail::Ready(sup));
        }
    }

    fn start_in_order(&mut self, sup: usize, unit: usize) {
        if self.stays_removed(sup, unit) {
            self.notes.push(Note::LeftOut);
            self.drop_if_spent(sup, unit);
        } else if self.children[unit].wish != Wish::Stay {
            self.start(sup, unit);
        } else {
            self.notes.push(Note::StoppedMeanwhile);
        }
    }

    /// Rule 13: returns whether the child is a temporary sibling that is not started again.
    pub(super) fn stays_removed(&self, sup: usize, unit: usize) -> bool {
        self.plan.units[sup].settings.temporary_siblings == TemporarySiblings::Remove
            && self.plan.units[unit].policy == RestartPolicy::Temporary
            && self.children[unit].starts > 0
    }

    fn note_why(&mut self, sup: usize) {
        let stopped = |unit: &usize| self.children[*unit].wish == Wish::Stay;
        if self.plan.units[sup].settings.keep_alive {
        } else if self.runs[sup].kept {
            self.notes.push(Note::KeptByRemoval);
        } else if self.runs[sup].order.iter().any(stopped) {
            self.notes.push(Note::KeptByStop);
        }
    }

    /// Rule 25: returns whether the supervisor stays up without any living child.
    fn stays_up(&self, sup: usize) -> bool {
        let (run, settings) = (&self.runs[sup], self.plan.units[sup].settings);
        let stopped = |&unit: &usize| self.children[unit].wish == Wish::Stay;
        settings.keep_alive
            || settings.dynamic.is_some()
            || run.kept
            || run.order.iter().any(|&unit| self.children[unit].waits)
            || run.order.iter().any(stopped)
    }
}
