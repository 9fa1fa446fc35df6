//! One turn: what has been delivered is taken in, and then acted upon.

use std::task::{Context, Poll};
use std::time::Duration;

use super::scope::Message;
use super::slot::{self, Plan};
use super::timers::{Alarm, Deadline};
use super::{Engine, Mode};
use crate::child::id::ChildId;
use crate::command::CommandError;
use crate::error::{RestartLimitReached, SageError};
use crate::event::ChildEvent;
use crate::restart::RestartDecision;
use crate::strategy::Group;

/// So many messages are heard at one moment.
const MESSAGES_PER_CLOCK_READ: usize = 64;

/// After so many messages without a wait others run first.
const MESSAGES_BEFORE_YIELD: usize = 1_024;

impl Engine {
    /// Ready when there is something to take in.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mail = self.scope.mailbox().poll(cx, &mut self.mail);
        if mail.is_pending() {
            self.sweep();
        }
        let fired = self.timers.poll(cx, &self.clock, &mut self.fired);
        if mail.is_ready() || fired.is_ready() {
            return Poll::Ready(());
        }
        self.unbroken = 0;
        // A storm leaves no large buffer behind.
        self.mail.shrink_to(256);
        Poll::Pending
    }

    /// Nobody is woken for a deadline that has been taken back, nor keeps many of them.
    fn sweep(&mut self) {
        self.timers.sweep(|deadline| self.roster.is_pending(deadline, self.group_wait));
    }

    /// Whether others are to run first, though there may be more to hear: whoever was woken on this
    /// very thread would wait for the end of a storm.
    pub(super) fn is_in_a_storm(&self) -> bool {
        self.unbroken >= MESSAGES_BEFORE_YIELD
    }

    /// Lets others run, and looks for what has been delivered without waiting for it.
    pub(super) async fn pause(&mut self) {
        self.unbroken = 0;
        self.sweep();
        tokio::task::yield_now().await;
        std::future::poll_fn(|cx| {
            let _ = self.poll_turn(cx);
            Poll::Ready(())
        })
        .await;
    }

    /// Takes in what has been delivered. Exits come before deadlines: a child that ended in time
    /// has met its own.
    pub(super) fn take_in(&mut self) {
        let mut fired = std::mem::take(&mut self.fired);
        self.clock.read();
        fired.retain(|deadline| self.has_fired(deadline));

        let mut mail = std::mem::take(&mut self.mail);
        let heard = mail.len();
        self.unbroken += heard;
        for (number, message) in mail.drain(..).enumerate() {
            if number > 0 && number % MESSAGES_PER_CLOCK_READ == 0 {
                self.clock.read();
            }
            self.hear(message);
        }
        self.mail = mail;

        // What is done about much is done later, and what a user gave may have run meanwhile.
        if heard > 1 {
            self.clock.read();
        }
        for deadline in fired.drain(..) {
            self.alarm(deadline.alarm);
        }
        self.fired = fired;
    }

    /// A deadline has passed. Unless it has been taken back, it is none any more.
    fn has_fired(&mut self, deadline: &Deadline) -> bool {
        let is_pending = self.roster.is_pending(deadline, self.group_wait);
        if is_pending {
            self.timers.settle();
            match deadline.alarm {
                Alarm::Child { child, .. } => self.roster[child].timer = None,
                Alarm::Group => self.group_wait = None,
                Alarm::Overdue(_) | Alarm::Wave(_) => {}
            }
        }
        is_pending
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Exit { child, exit } => self.ended(child, exit),
            Message::Ready { child, instance } => self.ready(child, instance),
            Message::Decline { child, instance } => {
                self.not_ready(child, instance, slot::Verdict::Declined);
            }
            Message::Command(command) => self.command(command),
            Message::Vacated { child, instance } => self.vacated(child, instance),
            Message::Stop(request) => self.shut_down(request),
            Message::Kill => self.kill_all(),
        }
    }

    /// Acts on the exits of this turn that lead to a restart.
    pub(super) fn decide(&mut self) {
        let mut due = std::mem::take(&mut self.due);
        // One that was stopped by hand in the same turn stays down; one that was removed may have left
        // its place to another.
        due.retain(|&child| {
            self.roster.contains(child)
                && std::mem::take(&mut self.roster[child].is_due)
                && self.roster[child].plan != Plan::Stay
        });
        if matches!(self.mode, Mode::Starting { .. } | Mode::Running) {
            due.retain(|&child| self.is_allowed_by_its_own_limit(child));
        }
        let earliest = due.iter().copied().min_by_key(|&child| self.roster.rank(child));
        match (self.mode, earliest) {
            (_, None) | (Mode::Closing { .. } | Mode::Draining | Mode::Killing, _) => {}
            // An exit in the group belongs to the restart that is under way; one before its root
            // widens it. Neither costs anything further.
            (Mode::Restarting { root, at }, Some(earliest)) => {
                if self.roster.rank(earliest) < self.roster.rank(root) {
                    self.begin_afresh(earliest, Some(root));
                    self.mode = Mode::Restarting { root: earliest, at };
                }
            }
            (Mode::Starting { .. } | Mode::Running, Some(earliest)) => {
                match self.declaration.strategy.group() {
                    Group::Alone => self.restart_each(&due),
                    Group::Rest => self.restart_group(earliest, Some(earliest)),
                    // Those started before one that failed to start stay up.
                    Group::All if due.iter().all(|&child| self.failed_in_group(child)) => {
                        self.restart_group(earliest, Some(earliest));
                    }
                    Group::All => self.restart_group(earliest, self.roster.first()),
                }
            }
        }
        self.heed_departures();
        due.clear();
        self.due = due;
    }

    fn restart_group(&mut self, failed: ChildId, root: Option<ChildId>) {
        let (Some(root), Some(last)) = (root, self.roster.last()) else { return };
        let siblings = self.roster.from(Some(root)).count() - 1;
        let delay = self.delay(failed);
        if self.allow_restart(failed, siblings, delay) {
            self.begin_afresh(root, None);
            self.hold_group(delay);
            self.mode = Mode::Restarting { root, at: last };
        }
    }

    /// What had been stopped by hand starts again with its group: those from `first` on, up to `end`.
    fn begin_afresh(&mut self, first: ChildId, end: Option<ChildId>) {
        let mut next = Some(first);
        while let Some(child) = next.filter(|_| next != end) {
            next = self.roster.after(child);
            self.plan(child, Plan::Policy);
            let slot = &mut self.roster[child];
            // What is started with its group is retried with that; what was never up is not kept.
            slot.by_hand &= slot.is_added && !slot.was_up;
            if self.stays_removed(child) {
                self.refuse_start(child, &CommandError::Restarting);
            }
        }
    }

    /// Whether this child failed to start as a member of a group that is being started.
    fn failed_in_group(&self, child: ChildId) -> bool {
        self.has_failed_to_start(child) && matches!(self.mode, Mode::Starting { .. })
    }

    fn restart_each(&mut self, due: &[ChildId]) {
        for &failed in due {
            let delay = self.delay(failed);
            if !self.allow_restart(failed, 0, delay) {
                return;
            }
            self.start_after(failed, delay);
        }
    }

    /// Counts a restart of `failed` that waits for `delay` and takes `group` siblings along. If the limit does not allow
    /// it, the supervisor closes.
    fn allow_restart(&mut self, failed: ChildId, group: usize, delay: Duration) -> bool {
        let verdict = self.limit.record(self.clock.now());
        let slot = &self.roster[failed];
        let exit = slot.last_exit().expect("it is due because it ended");
        match verdict {
            RestartDecision::Allowed { used } => {
                self.totals.restarts += 1;
                let (attempt, allowed) = (slot.starts, self.limit.allowed());
                self.tell(
                    failed,
                    &ChildEvent::Restart { exit, attempt, siblings: group, delay, used, allowed },
                );
                true
            }
            RestartDecision::Exceeded { used, limit } => {
                self.tell(failed, &ChildEvent::RestartLimit { exit, used, limit });
                let reached = RestartLimitReached {
                    path: self.scope.lineage().to_string(),
                    child: slot.name.to_string(),
                    max_restarts: limit.max_restarts,
                    within: limit.within,
                    exit: exit.clone(),
                };
                self.cause = Some(SageError::Supervisor(Box::new(reached)));
                self.close();
                false
            }
        }
    }
}
