//! A turn of the engine: it takes in everything that has been delivered.

use std::task::{Context, Poll};
use std::time::Duration;

use super::Engine;
use super::children::{Body, StopCause};
use super::phase::Phase;
use super::time::{Alarm, Clock, Deadline, Moment};
use crate::child::Message;
use crate::event::KillReason;
use crate::scope::ChildId;

/// The number of messages after which the clock is read again.
const MESSAGES_PER_CLOCK_READ: usize = 64;

impl Engine {
    /// Polls for messages and deadlines. Returns [`Poll::Ready`] if there are any.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.inbox.has_backlog() && self.goes_on_with_backlog() {
            return Poll::Ready(());
        }
        let mail = self.scope.mailbox().poll(cx, &mut self.inbox.mail);
        if mail.is_pending() {
            self.sweep_deadlines();
        }
        let fired = self.timers.poll(cx, &self.clock, &mut self.inbox.fired);
        if self.inbox.exceeds_turn() {
            self.ration();
            return Poll::Ready(());
        }
        if mail.is_ready() || fired.is_ready() {
            return Poll::Ready(());
        }
        if self.queries.is_any_pending() && self.queries.poll_rest(cx).is_ready() {
            return Poll::Ready(());
        }
        self.inbox.note_wait();
        Poll::Pending
    }

    /// Lets other tasks run, and polls once without waiting.
    pub(super) async fn pause(&mut self) {
        self.inbox.note_yield();
        self.sweep_deadlines();
        tokio::task::yield_now().await;
        std::future::poll_fn(|cx| {
            let _ = self.poll_turn(cx);
            Poll::Ready(())
        })
        .await;
    }

    /// Takes in what has been delivered, as far as it fits one turn. Messages come before deadlines,
    /// because a child that ended in time has met its deadline.
    pub(super) fn take_in(&mut self) {
        let mut fired = std::mem::take(&mut self.inbox.fired);
        self.clock.read();
        let heard_at = self.clock.moment();
        // Cancelled deadlines are dropped before any message is handled. A message can set a new
        // deadline for the same moment, which must not be taken for the one that has fired.
        if !fired.is_empty() {
            fired.retain(|deadline| self.expire(deadline));
        }

        let mut mail = std::mem::take(&mut self.inbox.mail);
        let messages = mail.len();
        self.inbox.count(messages);
        for (number, message) in mail.drain(..).enumerate() {
            if number > 0 && number % MESSAGES_PER_CLOCK_READ == 0 {
                self.clock.read();
            }
            self.receive(message);
        }
        self.inbox.mail = mail;

        // Read the clock again: a batch takes time, and user code (destructors, wakers) may have run.
        if messages > 1 {
            self.clock.read();
        }
        if self.inbox.has_backlog() {
            fired = self.inbox.hold(fired);
            if self.inbox.is_behind() {
                self.overtake();
            }
        }
        for deadline in fired.drain(..) {
            self.alarm(deadline, heard_at);
        }
        self.inbox.fired = fired;
    }

    /// Takes the messages of one turn from the backlog, unless the mailbox has to be looked at as well.
    #[cold]
    fn goes_on_with_backlog(&mut self) -> bool {
        let goes_on = self.inbox.is_behind() && !self.is_ending();
        if goes_on {
            self.inbox.ration(false);
        }
        goes_on
    }

    #[cold]
    fn ration(&mut self) {
        let is_ending = self.is_ending();
        self.inbox.ration(is_ending);
    }

    /// Acts on a request to end whose message waits for a later turn.
    #[cold]
    fn overtake(&mut self) {
        if self.scope.is_killed() {
            self.kill_all();
        } else if self.scope.is_asked_to_stop() {
            self.shut_down();
        }
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Exit { child, exit } => self.ended(child, exit),
            Message::Ready { child, instance } => self.ready(child, instance),
            Message::Decline { child, instance } => {
                self.stop_unready(child, instance, StopCause::Declined);
            }
            Message::Verdict(verdict) => self.judge(*verdict),
            Message::Redeclared { child, instance, nested, reloads } => {
                self.redeclared(child, instance, &nested, reloads);
            }
            Message::Command(command) => self.command(command),
            Message::Vacated { child, instance } => self.vacated(child, instance),
            Message::Bounded => self.hurry(),
            Message::Stop => self.shut_down(),
            Message::Kill => self.kill_all(),
        }
    }

    /// Handles a deadline that has passed.
    fn alarm(&mut self, deadline: Deadline, heard_at: Moment) {
        match deadline.alarm {
            Alarm::Child { child, instance, phase, .. } => {
                // A message of the same turn may have brought the child to another phase.
                let is_in_phase = self.children.get_if(child, instance, phase).is_some();
                if is_in_phase && (self.is_alive(child) || !self.begins_again(deadline, heard_at)) {
                    self.alarm_of_child(child, instance, phase);
                }
            }
            // The procedure goes on by itself once the deadline is gone.
            Alarm::GroupBackoff | Alarm::Reserve => {}
            Alarm::SharedTimeout { nanos, .. } => {
                let timeout = Duration::from_nanos(nanos);
                if !self.begins_again(deadline, heard_at) {
                    self.kill_timed_out(timeout, |_| false);
                } else if !Clock::is_real() {
                    self.kill_timed_out(timeout, Body::lives_in_real_time);
                }
            }
            Alarm::WaveGrace { wave, .. } => {
                if !self.begins_again(deadline, heard_at) {
                    self.mark_unresponsive_wave(wave);
                }
            }
        }
    }

    /// Returns whether a child whose backoff is over is to be started.
    fn is_start_due(&self, child: ChildId) -> bool {
        let is_over = self.is_ending() || self.scope.failure_of_tree().is_some();
        self.children[child].waits() && !is_over
    }

    fn alarm_of_child(&mut self, child: ChildId, instance: u64, phase: Phase) {
        match phase {
            Phase::Starting => self.stop_unready(child, instance, StopCause::ReadyTimeout),
            Phase::Up => self.check_heartbeat(child),
            Phase::Stopping => self.kill(child, KillReason::ShutdownTimeout),
            Phase::Killed => self.mark_unresponsive(child),
            Phase::Unresponsive => self.stop_waiting_for(child),
            Phase::Down if self.is_start_due(child) => self.start(child),
            Phase::Down => {}
        }
    }
}
