//! The deadlines of one engine.
//!
//! Most of them never pass: a child that is asked to stop has a time, and needs none of it. So to
//! take one back costs next to nothing, it stays where it is until it comes up or is swept out. There
//! is one timer of the runtime, and none when there is no deadline.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::{Sleep, sleep_until};

use super::clock::{Clock, Moment};
use super::slot::Phase;
use crate::child::id::ChildId;
use crate::policy::FOREVER;

/// What a deadline is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// A child whose instance may be in this phase no longer than that.
    Child { child: ChildId, instance: u64, phase: Phase },
    /// A group that is down, and waits to be started.
    Group,
    /// All children of a dynamic supervisor that were given this time to stop.
    Overdue(Duration),
    /// All that were killed together, in this wave.
    Wave(u32),
}

/// A deadline. Whoever has set it knows it by its time; one that it does not know any more has been
/// taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deadline {
    pub(super) at: Moment,
    pub(super) alarm: Alarm,
}

impl Ord for Deadline {
    /// The earliest is the greatest, so that it comes first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl PartialOrd for Deadline {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The deadlines of one engine. Without any it is empty, and asks for no wake-up.
#[derive(Default)]
pub(super) struct Timers(Option<Box<Queue>>);

struct Queue {
    deadlines: BinaryHeap<Deadline>,
    /// How many of them have neither passed nor been taken back.
    pending: usize,
    sleep: Pin<Box<Sleep>>,
    /// What it is set for: the earliest, or an earlier one that has been taken back.
    wakes_at: Moment,
    /// Who is woken by it as it is set now.
    sleeper: Option<Waker>,
}

impl Queue {
    fn reset(&mut self, at: Moment, clock: &Clock) {
        self.sleep.as_mut().reset(clock.instant(at));
        self.wakes_at = at;
        self.sleeper = None;
    }

    /// Whether it is time for the earliest; else whoever asks is woken then.
    fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        // Most turns have nothing to do with deadlines. To ask the runtime costs more than to know
        // that it has been asked.
        let is_known = self.sleeper.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
        if is_known && !self.sleep.is_elapsed() {
            return false;
        }
        // Not held up by a budget that is used up: then nobody would be registered.
        if pin!(unconstrained(self.sleep.as_mut())).poll(cx).is_ready() {
            return true;
        }
        self.sleeper = Some(cx.waker().clone());
        false
    }
}

/// How many deadlines that were taken back are not worth a sweep.
const CLUTTER: usize = 64;

impl Timers {
    /// Sets a deadline, and says when it passes.
    pub(super) fn set(&mut self, clock: &Clock, alarm: Alarm, after: Duration) -> Moment {
        let at = clock.present().after(after.min(FOREVER));
        let queue = self.0.get_or_insert_with(|| {
            Box::new(Queue {
                deadlines: BinaryHeap::new(),
                pending: 0,
                sleep: Box::pin(sleep_until(clock.instant(at))),
                wakes_at: at,
                sleeper: None,
            })
        });
        queue.deadlines.push(Deadline { at, alarm });
        queue.pending += 1;
        at
    }

    /// One has passed, or is taken back. Whoever says so forgets it.
    pub(super) fn settle(&mut self) {
        if let Some(queue) = &mut self.0 {
            queue.pending -= 1;
            if queue.pending == 0 {
                // Many deadlines at once leave no large queue behind.
                queue.deadlines.clear();
                queue.deadlines.shrink_to(CLUTTER);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.pending)
    }

    /// Drops those that were taken back, if they are most of all: each has been set, so that costs
    /// no more than setting it did.
    pub(super) fn sweep(&mut self, is_pending: impl Fn(&Deadline) -> bool) {
        let Some(queue) = &mut self.0 else { return };
        if queue.deadlines.len() > 2 * queue.pending + CLUTTER {
            queue.deadlines.retain(is_pending);
            queue.deadlines.shrink_to(2 * queue.pending + CLUTTER);
        }
    }

    /// Moves every deadline that has passed to `passed`, and with it what was taken back and comes up;
    /// ready if there is any.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        clock: &Clock,
        passed: &mut Vec<Deadline>,
    ) -> Poll<()> {
        let Some(queue) = &mut self.0 else { return Poll::Pending };
        if queue.pending == 0 {
            self.0 = None;
            return Poll::Pending;
        }
        while let Some(&next) = queue.deadlines.peek() {
            if queue.wakes_at > next.at {
                queue.reset(next.at, clock);
            }
            if !queue.is_due(cx) {
                break;
            }
            let now = clock.present();
            while queue.deadlines.peek().is_some_and(|next| next.at <= now) {
                passed.extend(queue.deadlines.pop());
            }
            if let Some(&next) = queue.deadlines.peek() {
                queue.reset(next.at, clock);
            }
        }
        if passed.is_empty() { Poll::Pending } else { Poll::Ready(()) }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    struct Timed {
        timers: Timers,
        clock: Clock,
    }

    impl Timed {
        fn new() -> Self {
            Self { timers: Timers::default(), clock: Clock::new() }
        }

        fn set(&mut self, alarm: Alarm, after: Duration) -> Moment {
            self.timers.set(&self.clock, alarm, after)
        }

        async fn next(&mut self) -> Vec<Alarm> {
            let mut passed = Vec::new();
            std::future::poll_fn(|cx| self.timers.poll(cx, &self.clock, &mut passed)).await;
            passed.iter().for_each(|_| self.timers.settle());
            passed.into_iter().map(|deadline| deadline.alarm).collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn deadlines_pass_in_time_whatever_the_order_they_were_set_in() {
        let (mut timers, begin) = (Timed::new(), Instant::now());
        for wave in [5, 1, 4, 2, 3, 2] {
            timers.set(Alarm::Wave(wave), SECOND * wave);
        }
        for (wave, times) in [(1, 1), (2, 2), (3, 1), (4, 1), (5, 1)] {
            assert_eq!(timers.next().await, vec![Alarm::Wave(wave); times]);
            assert_eq!(begin.elapsed(), SECOND * wave);
        }
        assert!(timers.timers.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_set_meanwhile_may_come_first() {
        let (mut timers, begin) = (Timed::new(), Instant::now());
        timers.set(Alarm::Wave(2), SECOND * 2);
        assert!(tokio::time::timeout(SECOND / 2, timers.next()).await.is_err());
        timers.set(Alarm::Wave(1), SECOND / 2);
        assert_eq!(timers.next().await, [Alarm::Wave(1)]);
        assert_eq!(begin.elapsed(), SECOND);
        assert_eq!(timers.next().await, [Alarm::Wave(2)]);
        assert_eq!(begin.elapsed(), SECOND * 2);
    }

    /// Who waits may be another than the one who waited first, and may have nothing left of its
    /// budget.
    #[tokio::test(start_paused = true)]
    async fn whoever_asked_last_is_woken() {
        let (mut timers, begin) = (Timed::new(), Instant::now());
        timers.set(Alarm::Group, SECOND);
        let (mut passed, mut cx) = (Vec::new(), Context::from_waker(Waker::noop()));
        assert!(timers.timers.poll(&mut cx, &timers.clock, &mut passed).is_pending());
        let waits = tokio::spawn(async move {
            while tokio::task::coop::has_budget_remaining() {
                std::future::poll_fn(|cx| {
                    std::task::ready!(tokio::task::coop::poll_proceed(cx)).made_progress();
                    Poll::Ready(())
                })
                .await;
            }
            timers.next().await
        });
        let passed = tokio::time::timeout(SECOND * 9, waits).await.expect("it is woken");
        assert_eq!(passed.expect("it does not panic"), [Alarm::Group]);
        assert_eq!(begin.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_there_is_no_timer() {
        let mut timers = Timed::new();
        timers.set(Alarm::Group, SECOND);
        timers.timers.settle();
        assert!(tokio::time::timeout(SECOND * 9, timers.next()).await.is_err());
        assert!(timers.timers.0.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn those_that_are_taken_back_leave_no_room_behind() {
        let mut timers = Timed::new();
        let kept = timers.set(Alarm::Group, SECOND);
        for _ in 0..10_000 {
            timers.set(Alarm::Wave(1), SECOND * 60);
            timers.timers.settle();
            timers.timers.sweep(|deadline| deadline.at == kept);
        }
        assert_eq!(timers.timers.len(), 1);
        assert!(
            timers.timers.0.as_ref().is_some_and(|queue| queue.deadlines.capacity() < 4 * CLUTTER)
        );
        timers.timers.settle();
        assert!(timers.timers.0.as_ref().is_some_and(|queue| queue.deadlines.is_empty()));
    }
}
