//! The end of children and supervisors: rules 2, 3, 6, 7, 19 and 25.

use super::{Mail, Mode, Model, Phase, StopCause, Until, Wish};
use crate::answers::{Answer, Note};
use crate::facts::{Exit, Failure, Unclean};
use crate::tree::RestartPolicy;

impl Model<'_> {
    /// A supervisor handles an exit.
    pub(super) fn ended(&mut self, sup: usize, unit: usize, exit: Exit) {
        let killed = exit == Exit::Killed && self.runs[sup].killed;
        let child = &mut self.children[unit];
        child.asked |= killed;
        let stop_cause = child.stop_cause.take();
        let late = stop_cause == Some(StopCause::Late);
        let silent = stop_cause == Some(StopCause::Silent);
        let by_itself = !child.asked || late || silent;
        let exit = match exit {
            _ if late => Exit::NotReady,
            // Rule 31.
            Exit::Normal | Exit::Killed if silent => Exit::Silent,
            // Rule 2.
            Exit::Normal if child.asked => Exit::Shutdown,
            exit if child.phase == Phase::Starting && !child.asked => {
                Exit::FailedStart(Box::new(exit))
            }
            exit => exit,
        };
        child.phase = Phase::Down;
        child.deadline = None;
        let since = child.up_since.take().filter(|_| !exit.is_failed_start());
        let up_for = since.map_or(0, |since| self.now - since);
        child.last = Some(exit.clone());
        let late = child.timed_out;
        if self.stops_for_good(sup) {
            self.note_unclean(sup, unit, &exit, by_itself, late);
        }
        self.forgive(sup, unit, up_for);
        let fact = format!("-{} {exit}", self.plan.name(unit));
        self.runs[sup].told.push(fact);
        self.answer_callers(unit, Until::Down, &Answer::Done);
        // The exit of an old instance is no answer to a caller that has asked for a new one since.
        let waits_for_next =
            self.children[unit].wish == Wish::Start || self.is_replaced_with_its_group(unit);
        let failed = exit.is_failed_start() && !waits_for_next;
        if failed {
            let over = self.is_ending(sup);
            let answer = if over { Answer::NotRunning } else { Answer::failed(&exit) };
            self.answer_callers(unit, Until::Up, &answer);
        }
        if failed && self.children[unit].by_hand {
            self.failed_by_hand(sup, unit);
        } else if self.is_fatal(sup, unit) {
            self.fail_start(sup, unit);
        } else if by_itself && self.restarts(unit) {
            self.runs[sup].due.push(unit);
        } else if by_itself {
            self.depart(sup, unit);
        }
        if stop_cause == Some(StopCause::Declined) && !waits_for_next {
            // Rule 6: a child that declines counts as started.
            self.notes.push(Note::Declined);
            self.end_start(sup, unit);
            self.drop_if_spent(sup, unit);
        }
        if self.is_listed(sup, unit) {
            self.succeed(sup, unit);
            self.carry_out_wish(sup, unit);
        }
        if self.is_listed(sup, unit) {
            self.answer_if_over(sup, unit);
        }
    }

    /// Rule 25: the result of the tree tells what failed in its final stop.
    fn note_unclean(&mut self, sup: usize, unit: usize, exit: &Exit, by_itself: bool, late: bool) {
        let below = self.runs[unit].unclean.clone();
        let run = &mut self.runs[sup];
        run.unclean.extend(below);
        let is_ordered = *exit == Exit::Killed && !by_itself;
        if late || (exit.is_failure() && !is_ordered) {
            let path = self.plan.units[unit].path.clone();
            run.unclean.push(Unclean { path, exit: exit.clone(), late });
        }
    }

    /// Rule 3: returns whether the policy restarts the child.
    fn restarts(&self, unit: usize) -> bool {
        let exit = self.children[unit].last.as_ref().expect("it has ended");
        match self.plan.units[unit].policy {
            RestartPolicy::Permanent => true,
            RestartPolicy::Transient => exit.is_failure(),
            RestartPolicy::Temporary => false,
        }
    }

    /// Rule 39: returns whether the child is started with its group, from a spec that takes the place of
    /// the present one.
    fn is_replaced_with_its_group(&self, unit: usize) -> bool {
        let child = &self.children[unit];
        child.wish == Wish::Policy && child.replaced
    }

    /// Rule 7: returns whether a failed start ends the supervisor. By rule 8 the start of a child
    /// that was started before is a restart, even if the child was never ready and was only
    /// restarted with its group. A command in the meantime takes precedence.
    fn is_fatal(&self, sup: usize, unit: usize) -> bool {
        let (run, child) = (&self.runs[sup], &self.children[unit]);
        let begins = matches!(run.mode, Mode::Starting(_) | Mode::Restarting { .. });
        let failed = child.last.as_ref().is_some_and(Exit::is_failed_start);
        let first = child.starts == 1 && begins && !run.has_started;
        failed && first && child.wish == Wish::Policy && !child.replaced
    }

    fn fail_start(&mut self, sup: usize, unit: usize) {
        let path = self.plan.units[unit].path.clone();
        let exit = self.children[unit].last.clone().expect("it has ended");
        self.runs[sup].failure = Some(Failure::Start { path, exit: Box::new(exit) });
        self.close(sup);
    }

    pub(super) fn over(&mut self, sup: usize) {
        let run = &mut self.runs[sup];
        run.mode = Mode::Over;
        run.look_at = None;
        let failure = run.failure.take();
        let failure = failure.or(self.first_given_up(sup));
        let run = &mut self.runs[sup];
        // Rule 28: no caller waits for ever.
        for mail in std::mem::take(&mut run.mail) {
            match mail {
                Mail::Command(request) => self.meets_nobody(request, &Answer::NotRunning),
                Mail::Inquiry(_, request) => self.inquire_above(sup, request),
                _ => {}
            }
        }
        for unit in self.runs[sup].order.clone() {
            self.answer_callers(unit, Until::Up, &Answer::NotRunning);
        }
        if sup == 0 {
            let unclean = self.runs[sup].unclean.clone();
            let unclean = (!unclean.is_empty()).then(|| Failure::unclean(unclean));
            self.result = Some(failure.or(unclean).map_or(Ok(()), Err));
        } else {
            // Rules 19 and 25: the end of a nested supervisor is an exit for its parent.
            self.gone(sup, failure.map_or(Exit::Normal, Exit::Nested));
        }
    }
}
