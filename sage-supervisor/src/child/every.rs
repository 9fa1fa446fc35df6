//! The period of a child whose work is done again and again.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::kind::Kind;
use super::spec::ChildSpec;
use crate::error::InvalidTreeKind;
use crate::policy::{Ticks, backoff};

/// How often the work of a child is done, from [`ChildSpec::every`].
///
/// # Defaults
///
/// | | default |
/// |---|---|
/// | [`first_after_period`](Self::first_after_period) | the first run is at once |
/// | [`jitter`](Self::jitter) | 0 |
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, Every};
/// use std::time::Duration;
///
/// async fn report(_: ChildContext) {
///     println!("one more day");
/// }
///
/// let day = Duration::from_secs(24 * 60 * 60);
/// let report = ChildSpec::new("report", report)
///     .every(Every::new(day).first_after_period().jitter(0.1));
/// assert_eq!(report.every_setting().unwrap().period(), day);
/// ```
#[derive(Clone)]
#[must_use = "a period does nothing until it is set for a child"]
pub struct Every {
    ticks: Ticks,
    seed: u64,
    waits_first: bool,
}

impl Every {
    /// Creates a period, which has to be longer than zero. As with any timer of tokio, the resolution is a
    /// millisecond.
    pub fn new(period: Duration) -> Self {
        // `RandomState` is the only source of random numbers in the standard library.
        let seed = RandomState::new().hash_one(0);
        Self { ticks: Ticks::new(period), seed, waits_first: false }
    }

    /// Sets that the first run is after one period. By default it is at once.
    ///
    /// The setting is about the first instance in each run of the supervisor. An instance that follows
    /// another one, after a failure or a restart by hand, does its work at once.
    pub fn first_after_period(mut self) -> Self {
        self.waits_first = true;
        self
    }

    /// Sets by how much a run may come late, as a part of the period from 0 to 1: a period of 10 s and a
    /// jitter of 0.2 make a run come up to 2 s after its tick. How much it is, is left to chance for each
    /// run. The default is 0.
    ///
    /// The ticks themselves stay where they are, so the runs keep their rate. A run that is at once is never
    /// late. With a jitter, children that were started together do not work together.
    pub fn jitter(mut self, part: f64) -> Self {
        self.ticks.jitter = part;
        self
    }

    /// Sets the seed of the random numbers: equal seeds give equal delays. By default every period has a
    /// random seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The time between two ticks.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.ticks.period
    }

    /// Returns whether the first instance waits for a period before it does its work.
    pub(super) fn waits_first(&self) -> bool {
        self.waits_first
    }

    /// Returns the number and the time of the next tick, in the schedule of this instance.
    pub(super) fn next(&self, last: u64, elapsed: Duration, instance: u64) -> (u64, Duration) {
        self.ticks.next(last, elapsed, |tick| backoff::chance(self.seed, instance, tick))
    }

    /// Returns whether two periods are the same, apart from their random numbers.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let same_bits = self.ticks.jitter.to_bits() == other.ticks.jitter.to_bits();
        same_bits
            && self.ticks.period == other.ticks.period
            && self.waits_first == other.waits_first
    }

    /// The reason why no run can be scheduled, if there is one.
    pub(super) fn fault(&self) -> Option<&'static str> {
        self.ticks.fault()
    }
}

impl From<Duration> for Every {
    fn from(period: Duration) -> Self {
        Self::new(period)
    }
}

impl fmt::Debug for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Every")
            .field("period", &self.ticks.period)
            .field("jitter", &self.ticks.jitter)
            .field("first_after_period", &self.waits_first)
            .finish_non_exhaustive()
    }
}

impl ChildSpec {
    /// Makes the work of the child periodic: the start function is called at once and then again every
    /// period. Give it a [`Duration`], or an [`Every`] with further settings.
    ///
    /// The child is one instance, which stays up between two runs. A run that ends well is not an exit: it
    /// is told by no event, leads to no restart, whatever the restart policy is, and counts for no limit. A
    /// run that fails, with an error or a panic, is an exit like any other, which the restart policy, the
    /// restart limits, the [backoff](Self::backoff) and [`give_up_if`](Self::give_up_if) decide about. After
    /// the restart the work is done at once, and a new schedule begins. A
    /// [restart by hand](crate::SupervisorHandle::restart_child) has the same effect.
    ///
    /// The ticks are counted from the start of the instance, and not from the end of a run, so the rate is
    /// fixed. Two runs are never at the same time. A tick that passes during a run is skipped, and the next
    /// run waits for the tick after that. If the process was frozen over several ticks, there is one run
    /// when it goes on. (This is like [`MissedTickBehavior::Skip`] of tokio, apart from the tick that passes
    /// during a run.)
    ///
    /// A child that is asked to stop while it waits ends at once. During a run, the
    /// [context](crate::ChildContext) tells the run, as it tells any child. No other run begins after the
    /// request.
    ///
    /// All runs of an instance have the same context. A [readiness](Self::ready_within) is reported by the
    /// first run that does so, and its time includes the runs before it and the waits. A
    /// [heartbeat](Self::heartbeat) is needed during a run only, and its time is counted from the begin of
    /// each run. A [lent value](Self::lending) is lent to one run after the other. Each child of a
    /// [pool](Self::instances) has a schedule of its own.
    ///
    /// A [blocking](Self::blocking) child keeps its thread between two runs. A process and a nested
    /// supervisor cannot be periodic, and are refused as invalid. A [`OnceChild`](crate::OnceChild) has no
    /// such setting.
    ///
    /// [`tree`](crate::SupervisorHandle::tree) shows when the next run is. (In Erlang/OTP this would be a
    /// `timer:send_interval` of the child's own.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, RestartConfig, Strategy, Supervisor};
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use std::time::Duration;
    ///
    /// static SWEPT: AtomicU32 = AtomicU32::new(0);
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let sweep = ChildSpec::new("sweep", async |_| {
    ///     SWEPT.fetch_add(1, Ordering::Relaxed);
    /// })
    /// .every(Duration::from_secs(5 * 60));
    ///
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([sweep])
    ///     .start();
    /// tokio::time::sleep(Duration::from_secs(60 * 60 + 1)).await;
    /// assert_eq!(SWEPT.load(Ordering::Relaxed), 1 + 12);
    /// app.shutdown().await
    /// # }
    /// ```
    ///
    /// In a `supervisor!` block:
    ///
    /// ```
    /// # #[cfg(feature = "macros")] {
    /// use sage_supervisor::{Every, supervisor};
    /// use std::time::Duration;
    ///
    /// let app = supervisor! {
    ///     #[child(every = "5m", backoff(initial = "10s"))]
    ///     sweep = async |_| println!("sweeps"),
    ///
    ///     #[child(every = Every::new(Duration::from_secs(60)).jitter(0.5))]
    ///     poll = async |_| println!("asks for news"),
    /// };
    /// # drop(app);
    /// # }
    /// ```
    ///
    /// [`MissedTickBehavior::Skip`]: tokio::time::MissedTickBehavior::Skip
    pub fn every(mut self, every: impl Into<Every>) -> Self {
        self.settings.more().every = Some(Box::new(every.into()));
        self
    }

    /// The period of the child's work, or `None` if the work is not periodic.
    #[must_use]
    pub fn every_setting(&self) -> Option<&Every> {
        self.settings.every()
    }
}

/// Checks the period of the child `name`, if it has one.
pub(super) fn valid_every(name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
    let Some(every) = child.every_setting() else { return Ok(()) };
    if !matches!(child.kind(), Kind::Task(_) | Kind::Thread(_)) {
        return Err(InvalidTreeKind::NotPeriodic(name.to_owned()));
    }
    if every.period().is_zero() {
        return Err(InvalidTreeKind::ZeroEvery(name.to_owned()));
    }
    match every.fault() {
        Some(fault) => Err(InvalidTreeKind::InvalidEvery(name.to_owned(), fault)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_seed_repeats_the_delays_of_each_instance() {
        let of = |seed: u64, instance: u64| {
            let every = Every::new(SECOND).jitter(1.0).seed(seed);
            [0, 1, 2].map(|last| every.next(last, Duration::from_secs(last), instance))
        };
        assert_eq!(of(7, 1), of(7, 1));
        assert_ne!(of(7, 1), of(8, 1));
        assert_ne!(of(7, 1), of(7, 2));
        let late = of(7, 1).map(|(tick, at)| at - Duration::from_secs(tick));
        assert!(late[0] != late[1] && late[1] != late[2], "{late:?}");
    }

    #[test]
    fn every_setting_makes_a_difference() {
        let every = || Every::new(SECOND);
        assert!(every().is_same(&every()) && every().is_same(&Every::from(SECOND).seed(7)));
        for other in [every().jitter(0.1), every().first_after_period(), Every::new(SECOND * 2)] {
            assert!(!every().is_same(&other), "{other:?}");
        }
        assert!(every().fault().is_none() && every().jitter(1.1).fault().is_some());
    }
}
