//! Commands: rules 8, 25 and 28.

use sage_supervisor::ChildState;

use super::{Caller, Mail, Mode, Model, Phase, Until, Wish};
use crate::answers::{Answer, Met, Note, Request};
use crate::history::Command;

impl Model<'_> {
    /// Receives a command, before or after the other things that happen at this instant.
    pub(crate) fn ask(&mut self, request: Request) {
        let parent = self.plan.units[request.unit].parent;
        if request.what == Command::Start && self.plan.units[parent].settings.dynamic.is_some() {
            self.ask_pool(parent, request);
        } else if self.runs[0].mode == Mode::Over {
            self.meets_nobody(request, &Answer::NotRunning);
        } else {
            self.post(0, Mail::Command(request));
        }
    }

    /// A dynamic supervisor receives the command itself, unless its last run is over.
    fn ask_pool(&mut self, pool: usize, request: Request) {
        if self.runs[pool].mode == Mode::Over {
            self.inquire_above(pool, request);
        } else {
            self.post(pool, Mail::Command(request));
        }
    }

    /// Passes the question up, to the lowest supervisor above the last run that has not ended. That
    /// supervisor knows whether the dynamic supervisor will come back.
    pub(super) fn inquire_above(&mut self, over: usize, request: Request) {
        let mut unit = over;
        for instance in self.runs[over].above.clone() {
            let parent = self.plan.units[unit].parent;
            let is_the_same = self.children[parent].instance == instance;
            if is_the_same && self.runs[parent].mode != Mode::Over {
                return self.post(parent, Mail::Inquiry(unit, request));
            }
            unit = parent;
        }
        self.meets_nobody(request, &Answer::NotRunning);
    }

    pub(super) fn inquiry(&mut self, sup: usize, unit: usize, request: Request) {
        let coming = self.is_listed(sup, unit)
            && matches!(self.state(sup, unit), ChildState::Restarting | ChildState::Starting);
        let answer = if coming { Answer::Restarting } else { Answer::NotRunning };
        self.meets_nobody(request, &answer);
    }

    /// Records the answer to the command with this number.
    fn answer(&mut self, number: usize, answer: &Answer) {
        self.answers.push((number, answer.clone()));
        self.answers.sort_unstable();
    }

    pub(super) fn answer_callers(&mut self, unit: usize, until: Until, answer: &Answer) {
        let callers = std::mem::take(&mut self.children[unit].callers);
        for caller in callers {
            if caller.until == until {
                self.answer(caller.number, answer);
            } else {
                self.children[unit].callers.push(caller);
            }
        }
    }

    pub(super) fn meets_nobody(&mut self, request: Request, answer: &Answer) {
        let met = match answer {
            Answer::Restarting => Met::Awaited,
            Answer::NotFound => Met::Unknown,
            _ => Met::Nowhere,
        };
        self.met.push((request.what, met));
        self.answer(request.number, answer);
    }

    /// A command on its way down, from one supervisor to the next.
    pub(super) fn command(&mut self, sup: usize, request: Request) {
        let next = self.plan.towards(sup, request.unit);
        if next == request.unit {
            return self.carry_out(sup, request);
        }
        match self.reach(sup, next) {
            Ok(()) => self.post(next, Mail::Command(request)),
            Err(answer) => self.meets_nobody(request, &answer),
        }
    }

    /// Carries a command out, by the table of the contract.
    fn carry_out(&mut self, sup: usize, request: Request) {
        let Request { number, what, unit } = request;
        let state = self.is_listed(sup, unit).then(|| self.state(sup, unit));
        let ending = self.is_ending(sup);
        let waits = self.children[unit].waits;
        self.met.push((what, if ending { Met::Ending } else { Met::of(state, waits) }));
        let answer = match (what, state) {
            (Command::Start, _) if ending => Some(Answer::NotRunning),
            (Command::Start, Some(ChildState::Starting | ChildState::Running)) => {
                Some(Answer::AlreadyRunning)
            }
            (Command::Start, Some(_)) => Some(Answer::AlreadyExists),
            (Command::Start, None) if self.is_full(sup) => Some(Answer::MaxChildren),
            (Command::Start, None) => self.start_child(sup, unit, number),
            (_, None) => Some(Answer::NotFound),
            (Command::Stop, Some(state)) => self.stop_child(sup, unit, number, state),
            (Command::Restart | Command::Replace | Command::Remove, _) if ending => {
                Some(Answer::NotRunning)
            }
            (Command::Restart, Some(_)) => self.restart_child(sup, unit, number),
            (Command::Replace, Some(_)) => self.replace_child(sup, unit, number),
            (
                Command::Remove,
                Some(ChildState::Stopped | ChildState::Finished | ChildState::GivenUp),
            ) => {
                self.forget_by_hand(sup, unit);
                Some(Answer::Done)
            }
            (Command::Remove, Some(ChildState::Restarting)) => Some(Answer::Restarting),
            (Command::Remove, Some(_)) => Some(Answer::StillRunning),
        };
        if let Some(answer) = answer {
            self.answer(number, &answer);
        }
    }

    fn is_full(&self, sup: usize) -> bool {
        let most = self.plan.units[sup].settings.dynamic;
        most.is_some_and(|most| self.runs[sup].order.len() >= most)
    }

    // The caller of the following commands waits, unless they return an answer at once.

    /// Adds a child as the last one in order. While other children are being started, the new child
    /// waits for its turn.
    fn start_child(&mut self, sup: usize, unit: usize, number: usize) -> Option<Answer> {
        self.add(sup, unit);
        self.children[unit].by_hand = true;
        self.children[unit].callers.push(Caller { number, until: Until::Up });
        if self.runs[sup].mode == Mode::Running {
            self.start(sup, unit);
        } else {
            self.notes.push(Note::Queued);
        }
        None
    }

    fn stop_child(
        &mut self,
        sup: usize,
        unit: usize,
        number: usize,
        state: ChildState,
    ) -> Option<Answer> {
        // The callers that wait for a start of this child get an answer now.
        self.answer_callers(unit, Until::Up, &Answer::Stopped);
        if self.children[unit].phase == Phase::Down {
            // Rule 8: the child will not be started any more.
            if state == ChildState::Restarting {
                self.stop_waiting(unit);
                self.children[unit].wish = Wish::Stay;
                self.carry_out_wish(sup, unit);
            }
            return Some(Answer::Done);
        }
        self.children[unit].wish = Wish::Stay;
        self.children[unit].by_hand = false;
        self.children[unit].callers.push(Caller { number, until: Until::Down });
        self.bring_down(sup, unit);
        None
    }

    /// A restart by hand is not counted, and restarts no siblings.
    fn restart_child(&mut self, sup: usize, unit: usize, number: usize) -> Option<Answer> {
        let with_its_group = self.is_to_start(sup, unit);
        if with_its_group && self.stays_removed(sup, unit) {
            return Some(Answer::Restarting);
        }
        self.children[unit].callers.push(Caller { number, until: Until::Up });
        if with_its_group {
            // This also holds if the child was to stay down.
            self.notes.push(Note::RestartedMeanwhile);
            self.hurry_group(sup);
            self.children[unit].wish = Wish::Policy;
        } else if self.children[unit].phase == Phase::Down {
            let departed = &self.runs[sup].departed;
            if departed.iter().any(|departed| departed.unit == unit) {
                self.notes.push(Note::RestartedAsItEnded);
            }
            if self.children[unit].waits {
                self.notes.push(Note::WaitCutShort);
            }
            self.children[unit].by_hand = true;
            self.start(sup, unit);
        } else {
            self.children[unit].wish = Wish::Start;
            self.bring_down(sup, unit);
        }
        None
    }

    /// Rule 39: the child is restarted from another spec, which is equal here. Its restarts are forgotten
    /// once the old instance has ended.
    fn replace_child(&mut self, sup: usize, unit: usize, number: usize) -> Option<Answer> {
        let is_down = self.children[unit].phase == Phase::Down;
        let refused = self.restart_child(sup, unit, number);
        if refused.is_none() {
            self.children[unit].replaced = true;
            if is_down {
                self.succeed(sup, unit);
            }
        }
        refused
    }

    /// Rule 39: another spec takes the place of that of a child which is down.
    pub(super) fn succeed(&mut self, sup: usize, unit: usize) {
        let child = &mut self.children[unit];
        if std::mem::take(&mut child.replaced) {
            child.streak = 0;
            child.charged.clear();
            // The new spec does not make up for the restarts of the one before.
            for (_, of) in &mut self.runs[sup].charged {
                of.take_if(|of| *of == unit);
            }
        }
    }

    /// Carries out the command that was given for a child before it was down.
    pub(super) fn carry_out_wish(&mut self, sup: usize, unit: usize) {
        let child = &self.children[unit];
        match child.wish {
            _ if child.phase != Phase::Down => {}
            Wish::Start if !self.is_ending(sup) => {
                self.children[unit].by_hand = true;
                self.start(sup, unit);
            }
            // An added child that was never started leaves nothing behind either.
            Wish::Stay
                if self.leaves_nothing_behind(sup, unit) || (child.added && child.starts == 0) =>
            {
                self.forget_by_hand(sup, unit);
            }
            Wish::Start | Wish::Stay | Wish::Policy => {}
        }
    }

    /// A failed start by hand is not retried. A failed `start_child` leaves nothing behind.
    pub(super) fn failed_by_hand(&mut self, sup: usize, unit: usize) {
        let child = &mut self.children[unit];
        child.by_hand = false;
        if child.added && !child.was_up {
            self.notes.push(Note::NewFailed);
            self.forget(sup, unit);
        } else {
            self.notes.push(Note::OldFailed);
            child.wish = Wish::Stay;
        }
    }

    /// Answers the callers that wait for the start of a child which will not be started.
    pub(super) fn answer_if_over(&mut self, sup: usize, unit: usize) {
        let child = &self.children[unit];
        if child.phase != Phase::Down || self.is_coming(sup, unit) {
            return;
        }
        let answer = match &child.last {
            Some(exit) if !self.is_ending(sup) => Answer::failed(exit),
            _ => Answer::NotRunning,
        };
        self.answer_callers(unit, Until::Up, &answer);
    }
}
