//! The delay of a restart.

use std::any::TypeId;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use crate::contain::{Contained, contain};
use crate::policy::backoff::{self, Exponential};

/// The delays of the restarts of a child. By default a restart has no delay. (Erlang/OTP has no such
/// setting.)
///
/// The delay grows with each restart in a row, and begins anew when the child has been up for a while. How
/// an instance ended makes no difference: a permanent child that returns again and again waits just as
/// one that fails. A backoff of a [supervisor](crate::Supervisor::backoff) applies to each of its children,
/// which count their restarts separately; a [child](crate::ChildSpec::backoff) may have another backoff.
///
/// A dependency may be away for any length of time: a restart that is delayed does not count for a
/// restart limit that nobody has set, so the child is tried again for ever. A limit that somebody has set
/// counts it, when it is decided on and not when its delay is over. A delay of zero is no delay. See
/// [`RestartConfig`](crate::RestartConfig), also for the time that a dependency may be away without a
/// backoff, which is less than a millisecond.
///
/// During the delay the child is [`Restarting`](crate::ChildState::Restarting), and the supervisor serves
/// everything else: the child can be stopped by hand, which cancels the restart, or restarted at
/// once, and a shutdown does not wait for the delay. If the group of the child is restarted with
/// it, the whole group is down during the delay.
///
/// # Defaults
///
/// | | default |
/// |---|---|
/// | [`max`](Self::max) | 1 min |
/// | [`factor`](Self::factor) | 2 |
/// | [`jitter`](Self::jitter) | 0.1 |
/// | [`reset_after`](Self::reset_after) | 1 min |
///
/// # Examples
///
/// ```
/// use sage_supervisor::{Backoff, ChildContext, ChildSpec, RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
/// use tokio::time::Instant;
///
/// async fn bot(ctx: ChildContext) -> Result<(), &'static str> {
///     if ctx.restarts() < 3 {
///         return Err("the server is away");
///     }
///     ctx.cancelled().await;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let began = Instant::now();
/// let backoff = Backoff::exponential(Duration::from_secs(1)).jitter(0.0);
/// let bot = ChildSpec::new("bot", bot).backoff(backoff);
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children([bot]).start();
/// # tokio::time::sleep(Duration::from_millis(7_001)).await;
/// let bot = app.handle().child("bot").await?;
/// assert_eq!(bot.restarts, 3); // after 1 s, 2 s and 4 s
/// # assert_eq!(began.elapsed().as_secs(), 1 + 2 + 4);
/// app.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// Any function of the number of restarts in a row can take the place of an exponential backoff:
///
/// ```
/// use sage_supervisor::{RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
///
/// let supervisor = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .backoff(|restarts: u32| Duration::from_millis(100) * restarts.min(50));
/// # drop(supervisor);
/// ```
#[derive(Clone)]
#[must_use = "a backoff does nothing until it is set for a supervisor or a child"]
pub struct Backoff {
    delay: Delay,
    jitter: f64,
    seed: u64,
    reset_after: Duration,
}

type Custom = Box<dyn CustomDelay>;

/// A function of the number of restarts in a row.
trait CustomDelay: Fn(u32) -> Duration + Send + Sync {
    /// Returns the type of the function, if every value of that type is the same.
    fn type_if_it_captures_nothing(&self) -> Option<TypeId>;
}

impl<F> CustomDelay for F
where
    F: Fn(u32) -> Duration + Send + Sync + 'static,
{
    fn type_if_it_captures_nothing(&self) -> Option<TypeId> {
        (size_of::<F>() == 0).then(TypeId::of::<F>)
    }
}

#[derive(Clone)]
enum Delay {
    Exponential(Exponential),
    Custom(Arc<Contained<Custom>>),
}

impl Backoff {
    /// Returns whether two backoffs are known to be the same, apart from their random numbers. Two functions
    /// are, if they have the same type and capture nothing, or one is a clone of the other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let is_same_delay = match (&self.delay, &other.delay) {
            (Delay::Exponential(delay), Delay::Exponential(other)) => delay == other,
            (Delay::Custom(delay), Delay::Custom(other)) => {
                let known = (**delay.get()).type_if_it_captures_nothing();
                Arc::ptr_eq(delay, other)
                    || (known.is_some() && known == (**other.get()).type_if_it_captures_nothing())
            }
            _ => false,
        };
        let same_bits = |one: f64, other: f64| one.to_bits() == other.to_bits();
        is_same_delay
            && same_bits(self.jitter, other.jitter)
            && self.reset_after == other.reset_after
    }

    /// Creates a backoff whose delays begin with `initial` and are multiplied by the
    /// [factor](Self::factor) from restart to restart, up to the [maximum](Self::max).
    pub fn exponential(initial: Duration) -> Self {
        Self::new(Delay::Exponential(Exponential::new(initial)), backoff::DEFAULT_JITTER)
    }

    fn new(delay: Delay, jitter: f64) -> Self {
        // `RandomState` is the only source of random numbers in the standard library.
        let seed = RandomState::new().hash_one(0);
        Self { delay, jitter, seed, reset_after: backoff::DEFAULT_RESET_AFTER }
    }

    /// Sets the longest delay. The default is a minute. The setting has no effect on a custom function.
    pub fn max(mut self, longest: Duration) -> Self {
        if let Delay::Exponential(delays) = &mut self.delay {
            delays.max = longest;
        }
        self
    }

    /// Sets the factor between a delay and the one before it. The default is 2; a factor of 1 makes all
    /// delays equal. The setting has no effect on a custom function.
    pub fn factor(mut self, times: f64) -> Self {
        if let Delay::Exponential(delays) = &mut self.delay {
            delays.factor = times;
        }
        self
    }

    /// Sets the part of each delay that is left to chance, from 0 to 1: a delay of 10 s and a jitter of
    /// 0.2 make 8 to 10 s. The default is 0.1, and 0 for a custom function.
    ///
    /// With a jitter, children that failed together are not restarted together.
    pub fn jitter(mut self, part: f64) -> Self {
        self.jitter = part;
        self
    }

    /// Sets the seed of the random numbers: equal seeds give equal delays. By default every backoff has
    /// a random seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the time that an instance must have been up for the restarts before it to be forgotten, so
    /// that the delays begin anew. The default is a minute. An instance is up from its start on, or, if
    /// it reports readiness, from the moment when it is [ready].
    ///
    /// The setting is about delays alone. The same is set for restart limits and delays together by
    /// [`forgive_after`](crate::Supervisor::forgive_after); the shorter time counts for the delays.
    ///
    /// [ready]: crate::ChildContext::ready
    pub fn reset_after(mut self, time: Duration) -> Self {
        self.reset_after = time;
        self
    }

    /// Returns whether the restarts before an instance that was up for this time are forgotten.
    pub(crate) fn forgives(&self, up_for: Duration) -> bool {
        backoff::forgives(up_for, self.reset_after)
    }

    /// The delay of this restart in a row, of this instance of a child.
    pub(crate) fn delay(&self, failures: u32, child: u64, instance: u64) -> Duration {
        let delay = match &self.delay {
            Delay::Exponential(delays) => delays.delay(failures),
            // The panic hook has already reported a function that panics.
            Delay::Custom(delay) => contain(|| delay.get()(failures)).unwrap_or_default(),
        };
        backoff::jittered(delay, self.jitter, backoff::chance(self.seed, child, instance))
    }

    /// The reason why no delay can be calculated, if there is one.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let factor = match &self.delay {
            Delay::Exponential(delays) => delays.factor,
            // A custom function has no factor. Any factor that is allowed can stand in for it.
            Delay::Custom(_) => backoff::LEAST_FACTOR,
        };
        backoff::fault(factor, self.jitter)
    }
}

impl<F> From<F> for Backoff
where
    F: Fn(u32) -> Duration + Send + Sync + 'static,
{
    /// Creates a backoff from a custom function. The function is called with the number of restarts in a
    /// row, from 1 on, which includes the present one. A panic in the function counts as a delay of zero.
    fn from(delay: F) -> Self {
        Self::new(Delay::Custom(Arc::new(Contained::new(Box::new(delay)))), 0.0)
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Backoff");
        if let Delay::Exponential(Exponential { initial, max, factor }) = &self.delay {
            debug.field("initial", initial).field("max", max).field("factor", factor);
        }
        debug
            .field("jitter", &self.jitter)
            .field("reset_after", &self.reset_after)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::FOREVER;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn every_setting_counts_and_a_seed_repeats_the_delays() {
        let backoff = Backoff::exponential(SECOND).jitter(0.0);
        let delays = |backoff: &Backoff| [1, 2, 3].map(|failures| backoff.delay(failures, 0, 0));
        assert_eq!(delays(&backoff), [SECOND, SECOND * 2, SECOND * 4]);
        let backoff = backoff.factor(3.0).max(SECOND * 5);
        assert_eq!(delays(&backoff), [SECOND, SECOND * 3, SECOND * 5]);
        let drawn = delays(&backoff.clone().jitter(0.5).seed(7));
        assert_eq!(drawn, delays(&backoff.clone().jitter(0.5).seed(7)));
        assert_ne!(drawn, delays(&backoff.clone().jitter(0.5).seed(8)));
        let backoff = backoff.reset_after(SECOND);
        assert!(backoff.forgives(SECOND) && !backoff.forgives(SECOND / 2));
    }

    #[test]
    fn a_function_may_say_what_it_likes() {
        let backoff = Backoff::from(|failures: u32| SECOND * failures);
        assert_eq!([1, 7].map(|failures| backoff.delay(failures, 0, 0)), [SECOND, SECOND * 7]);
        let rude = Backoff::from(|_: u32| -> Duration { panic!("expected") });
        assert_eq!(rude.delay(1, 0, 0), Duration::ZERO);
        assert_eq!(Backoff::from(|_: u32| Duration::MAX).delay(1, 0, 0), FOREVER);
    }

    #[test]
    fn a_setting_without_a_meaning_is_a_fault() {
        let good = Backoff::exponential(SECOND);
        assert_eq!(good.fault(), None);
        assert!(good.clone().factor(0.5).fault().is_some());
        assert!(good.jitter(1.1).fault().is_some());
        assert!(Backoff::from(|_: u32| SECOND).jitter(-0.1).fault().is_some());
    }
}
