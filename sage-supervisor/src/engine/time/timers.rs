//! The deadlines of one engine, in a heap over one timer of the runtime.
//!
//! Most deadlines never pass: a child that is asked to stop within 5 s usually needs a millisecond.
//! Therefore cancelling is lazy: a cancelled deadline stays in the heap until it is popped or swept.
//!
//! Invariants:
//!
//! 1. The owner of a deadline keeps its [`Moment`]. A popped deadline whose owner holds another
//!    moment, or none, was cancelled.
//! 2. `pending` is the number of deadlines that were neither cancelled nor have passed: every owner
//!    calls [`settle`](Timers::settle) exactly once for each.
//! 3. The runtime's timer is set for the earliest deadline in the heap, or for an earlier one that
//!    was cancelled. Without any deadline there is no timer.
//! 4. A deadline that has passed and is held until its real time is over is pending, but not in the
//!    heap.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::{Sleep, sleep_until};

use super::again::Again;
use super::clock::{Clock, Moment};
use super::real::RealTime;
use crate::engine::phase::Phase;
use crate::policy::FOREVER;
use crate::scope::ChildId;

/// The subject of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// The instance of a child may not stay in this phase any longer.
    Child { child: ChildId, instance: u64, phase: Phase, again: Again },
    /// The backoff of the group that is being restarted.
    GroupBackoff,
    /// The reserve of a supervisor whose time to stop is bounded.
    Reserve,
    /// The shutdown timeout of all children of a dynamic supervisor that were given this time. A
    /// `Duration` would make every deadline larger.
    SharedTimeout { nanos: u64, again: Again },
    /// The kill grace of all children that were killed in this wave.
    WaveGrace { wave: u32, again: Again },
}

impl Alarm {
    /// Returns the alarm of all children that were given this time to stop.
    pub(crate) fn shared(timeout: Duration) -> Self {
        // No timeout is longer than `FOREVER`.
        let nanos = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        Self::SharedTimeout { nanos, again: Again::NEVER }
    }

    /// Returns how often the limit has begun again.
    pub(crate) fn again(&self) -> Again {
        match *self {
            Self::GroupBackoff | Self::Reserve => Again::NEVER,
            Self::Child { again, .. }
            | Self::SharedTimeout { again, .. }
            | Self::WaveGrace { again, .. } => again,
        }
    }

    /// Returns the alarm of the same limit, which has begun again so often.
    pub(crate) fn begun(mut self, times: Again) -> Self {
        match &mut self {
            Self::GroupBackoff | Self::Reserve => {}
            Self::Child { again, .. }
            | Self::SharedTimeout { again, .. }
            | Self::WaveGrace { again, .. } => *again = times,
        }
        self
    }
}

// A stop sets a deadline for each child, so the heap must not become larger.
const _: () = assert!(size_of::<Deadline>() <= 24);

/// A deadline in the heap. Its owner identifies it by its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) at: Moment,
    pub(crate) alarm: Alarm,
}

impl Ord for Deadline {
    /// Reverses the order, so that the earliest deadline is at the top of the heap.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl PartialOrd for Deadline {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The deadlines of one engine. An engine without deadlines has no timer and is never woken.
#[derive(Default)]
pub(crate) struct Timers(Option<Box<Queue>>);

struct Queue {
    deadlines: BinaryHeap<Deadline>,
    /// The number of deadlines that have neither passed nor been cancelled.
    pending: usize,
    /// The limits on what lives in real time. There is none unless a test has paused the clock.
    in_real_time: Vec<InRealTime>,
    sleep: Pin<Box<Sleep>>,
    /// The moment that `sleep` is set for.
    wakes_at: Moment,
    /// The waker that is registered with `sleep` as it is set now.
    sleeper: Option<Waker>,
}

/// A limit on what lives in real time, while the clock is paused.
struct InRealTime {
    deadline: Deadline,
    until: std::time::Instant,
    wait: RealTime,
    /// `true` if the deadline has passed on the paused clock, and is held.
    is_held: bool,
}

impl Queue {
    fn new(at: Moment, clock: &Clock) -> Box<Self> {
        Box::new(Self {
            deadlines: BinaryHeap::new(),
            pending: 0,
            in_real_time: Vec::new(),
            sleep: Box::pin(sleep_until(clock.instant(at))),
            wakes_at: at,
            sleeper: None,
        })
    }

    /// Drops all deadlines. A large batch of them must not leave a large heap behind.
    #[cold]
    fn clear_all(&mut self) {
        self.deadlines.clear();
        self.deadlines.shrink_to(SWEEP_THRESHOLD);
        self.in_real_time.clear();
    }

    fn reset(&mut self, at: Moment, clock: &Clock) {
        self.sleep.as_mut().reset(clock.instant(at));
        self.wakes_at = at;
        self.sleeper = None;
    }

    /// Polls the timer. Returns whether `wakes_at` has been reached; if not, the task is woken then.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> bool {
        // Most turns do not concern deadlines, and polling the runtime's timer costs more than to
        // remember that it would wake this task.
        let is_known = self.sleeper.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
        if is_known && !self.sleep.is_elapsed() {
            return false;
        }
        // The poll must not depend on the task's cooperative budget: with none left, the timer would
        // return without registering the waker.
        if pin!(unconstrained(self.sleep.as_mut())).poll(cx).is_ready() {
            return true;
        }
        self.sleeper = Some(cx.waker().clone());
        false
    }
}

/// The number of cancelled deadlines up to which a sweep is not worth its cost.
const SWEEP_THRESHOLD: usize = 64;

impl Timers {
    /// Sets a deadline. Returns its moment, by which the owner identifies it.
    pub(crate) fn set(&mut self, clock: &Clock, alarm: Alarm, after: Duration) -> Moment {
        let at = clock.present().after(after.min(FOREVER));
        let queue = self.0.get_or_insert_with(|| Queue::new(at, clock));
        queue.deadlines.push(Deadline { at, alarm });
        queue.pending += 1;
        at
    }

    /// Notes that a limit of this length, which has just been set, is one on what lives in real time.
    /// The paused clock stands still for half of that time, or until the limit is no longer awaited.
    /// Then the clock may move, because a thread may wait for a task that sleeps.
    pub(crate) fn keep_real_time(&mut self, deadline: Deadline, length: Duration) {
        let Some(queue) = &mut self.0 else { return };
        let length = length.min(FOREVER);
        let until = std::time::Instant::now() + length;
        let wait = RealTime::wait(length / 2, None::<fn() -> bool>);
        queue.in_real_time.push(InRealTime { deadline, until, wait, is_held: false });
    }

    /// Holds a deadline that has passed until its real time is over as well, or until `is_over` returns
    /// `true`, and counts the deadline anew. Its owner still identifies it by its moment. Returns
    /// `false` if the real time is over already.
    pub(crate) fn hold(
        &mut self,
        clock: &Clock,
        deadline: Deadline,
        length: Duration,
        is_over: Option<impl Fn() -> bool + Send + 'static>,
    ) -> bool {
        let queue = self.0.get_or_insert_with(|| Queue::new(deadline.at, clock));
        let limits = &mut queue.in_real_time;
        let kept = limits.iter().position(|limit| limit.deadline == deadline);
        let kept = kept.map(|index| limits.swap_remove(index));
        let now = std::time::Instant::now();
        let until = kept.map_or(now + length.min(FOREVER), |kept| kept.until);
        if until <= now {
            return false;
        }
        let deadline = Deadline { alarm: deadline.alarm.begun(Again::LAST), ..deadline };
        let wait = RealTime::wait(until - now, is_over);
        limits.push(InRealTime { deadline, until, wait, is_held: true });
        queue.pending += 1;
        true
    }

    /// Returns whether there is any limit on what lives in real time.
    pub(crate) fn has_real_time(&self) -> bool {
        self.0.as_ref().is_some_and(|queue| !queue.in_real_time.is_empty())
    }

    /// Drops the limits in real time that nothing waits for any more. The owner of a deadline of a
    /// child has settled it; a held deadline that several children share is settled here.
    pub(crate) fn let_go(&mut self, is_awaited: impl Fn(&Deadline) -> bool) {
        let Some(queue) = &mut self.0 else { return };
        let pending = &mut queue.pending;
        queue.in_real_time.retain(|limit| {
            let is_kept = is_awaited(&limit.deadline);
            let is_shared = !matches!(limit.deadline.alarm, Alarm::Child { .. });
            *pending -= usize::from(!is_kept && limit.is_held && is_shared);
            is_kept
        });
    }

    /// Notes that one deadline has passed or is cancelled. Its owner forgets the moment.
    #[inline]
    pub(crate) fn settle(&mut self) {
        if let Some(queue) = &mut self.0 {
            queue.pending -= 1;
            if queue.pending == 0 {
                queue.deadlines.clear();
                if queue.deadlines.capacity() > SWEEP_THRESHOLD || !queue.in_real_time.is_empty() {
                    queue.clear_all();
                }
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.pending)
    }

    /// Drops the cancelled deadlines if they are the majority. Each of them was set once, so the sweep
    /// is O(1) amortised.
    pub(crate) fn sweep(&mut self, is_pending: impl Fn(&Deadline) -> bool) {
        let Some(queue) = &mut self.0 else { return };
        if queue.deadlines.len() > 2 * queue.pending + SWEEP_THRESHOLD {
            queue.deadlines.retain(is_pending);
            queue.deadlines.shrink_to(2 * queue.pending + SWEEP_THRESHOLD);
        }
    }

    /// Moves every deadline that has passed to `passed`, cancelled ones included. Returns
    /// [`Poll::Ready`] if there is any.
    pub(crate) fn poll(
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
        // Nearly always there is none, and then not even the loop is worth its cost.
        if !queue.in_real_time.is_empty() {
            queue.in_real_time.retain_mut(|limit| {
                let is_over = limit.is_held && limit.wait.poll(cx).is_ready();
                passed.extend(is_over.then_some(limit.deadline));
                !is_over
            });
        }
        while let Some(&next) = queue.deadlines.peek() {
            if queue.wakes_at > next.at {
                queue.reset(next.at, clock);
            }
            if !queue.poll_due(cx) {
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

    fn grace(wave: u32) -> Alarm {
        Alarm::WaveGrace { wave, again: Again::NEVER }
    }

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
            timers.set(grace(wave), SECOND * wave);
        }
        for (wave, times) in [(1, 1), (2, 2), (3, 1), (4, 1), (5, 1)] {
            assert_eq!(timers.next().await, vec![grace(wave); times]);
            assert_eq!(begin.elapsed(), SECOND * wave);
        }
        assert!(timers.timers.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_is_set_later_may_pass_first() {
        let (mut timers, begin) = (Timed::new(), Instant::now());
        timers.set(grace(2), SECOND * 2);
        assert!(tokio::time::timeout(SECOND / 2, timers.next()).await.is_err());
        timers.set(grace(1), SECOND / 2);
        assert_eq!(timers.next().await, [grace(1)]);
        assert_eq!(begin.elapsed(), SECOND);
        assert_eq!(timers.next().await, [grace(2)]);
        assert_eq!(begin.elapsed(), SECOND * 2);
    }

    /// The task that polls may have changed since the timer was set, and may have no budget left.
    #[tokio::test(start_paused = true)]
    async fn the_task_that_polled_last_is_woken() {
        let (mut timers, begin) = (Timed::new(), Instant::now());
        timers.set(Alarm::GroupBackoff, SECOND);
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
        let passed = tokio::time::timeout(SECOND * 9, waits).await.expect("the task is woken");
        assert_eq!(passed.expect("the task does not panic"), [Alarm::GroupBackoff]);
        assert_eq!(begin.elapsed(), SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_there_is_no_timer() {
        let mut timers = Timed::new();
        timers.set(Alarm::GroupBackoff, SECOND);
        timers.timers.settle();
        assert!(tokio::time::timeout(SECOND * 9, timers.next()).await.is_err());
        assert!(timers.timers.0.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn cancelled_deadlines_leave_no_memory_behind() {
        let mut timers = Timed::new();
        let kept = timers.set(Alarm::GroupBackoff, SECOND);
        for _ in 0..10_000 {
            timers.set(grace(1), SECOND * 60);
            timers.timers.settle();
            timers.timers.sweep(|deadline| deadline.at == kept);
        }
        assert_eq!(timers.timers.len(), 1);
        assert!(
            timers
                .timers
                .0
                .as_ref()
                .is_some_and(|queue| queue.deadlines.capacity() < 4 * SWEEP_THRESHOLD)
        );
        timers.timers.settle();
        assert!(timers.timers.0.as_ref().is_some_and(|queue| queue.deadlines.is_empty()));
    }
}
