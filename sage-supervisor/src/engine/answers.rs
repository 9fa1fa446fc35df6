//! The answers to those who wait for a child.

use std::sync::Arc;

use super::Engine;
use super::request::Reply;
use super::slot::{Phase, Plan, Until, Waiter};
use crate::child::id::ChildId;
use crate::command::CommandError;

impl Engine {
    /// Somebody waits for a child.
    pub(super) fn tell_when(&mut self, child: ChildId, until: Until, reply: Reply) {
        self.roster[child].waiters.get_or_insert_default().0.push(Waiter { until, reply });
        self.waiters += 1;
    }

    /// Nobody waits for the start of a child that will not come.
    pub(super) fn refuse_if_over(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        if slot.phase != Phase::Down || slot.waiters.is_none() || self.is_waiting(child) {
            return;
        }
        let error = match slot.last_exit() {
            Some(exit) if !self.is_ending() => CommandError::FailedStart(exit.clone()),
            _ => CommandError::NotRunning,
        };
        self.refuse_start(child, &error);
    }

    /// Whoever waits for a start that has failed is told, also if it is retried.
    pub(super) fn answer_failed_start(&mut self, child: ChildId) {
        let exit = self.roster[child].last_exit().cloned().expect("it has ended");
        let over = self.is_ending();
        let error = if over { CommandError::NotRunning } else { CommandError::FailedStart(exit) };
        self.refuse_start(child, &error);
    }

    /// Answers those who wait for this child to be up.
    pub(super) fn is_up(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        slot.by_hand = false;
        slot.was_up = true;
        self.is_kept = false;
        self.answer(child, Until::Up, None);
    }

    pub(super) fn answer_down(&mut self, child: ChildId) {
        self.answer(child, Until::Down, None);
    }

    pub(super) fn answer_unresponsive(&mut self, child: ChildId) {
        // It was asked for by hand, and has been refused.
        if self.roster[child].plan == Plan::Start {
            self.plan(child, Plan::Stay);
        }
        self.answer(child, Until::Down, Some(&CommandError::Unresponsive));
        self.refuse_start(child, &CommandError::Unresponsive);
    }

    /// Nothing waits to be started when all is being stopped, and nobody for a start: it could be one of
    /// those who are stopped.
    pub(super) fn refuse_all_starts(&mut self) {
        // Whatever waits to be started has a deadline for that. One that has passed in this turn is
        // not heeded any more.
        if self.waiters == 0 && self.timers.is_empty() {
            return;
        }
        let mut next = self.roster.first();
        while let Some(child) = next {
            next = self.roster.after(child);
            self.stop_waiting(child);
            self.refuse_start(child, &CommandError::NotRunning);
        }
    }

    pub(super) fn refuse_start(&mut self, child: ChildId, error: &CommandError) {
        self.answer(child, Until::Up, Some(error));
    }

    /// Answers those who wait for this child: with its name, or with what came in between.
    fn answer(&mut self, child: ChildId, until: Until, error: Option<&CommandError>) {
        let slot = &mut self.roster[child];
        let Some(waiters) = slot.waiters.take() else { return };
        for waiter in waiters.0 {
            if waiter.until == until {
                let result =
                    error.map_or_else(|| Ok(Arc::clone(&slot.name)), |error| Err(error.clone()));
                self.waiters -= 1;
                waiter.reply.send(result);
            } else {
                slot.waiters.get_or_insert_default().0.push(waiter);
            }
        }
    }
}
