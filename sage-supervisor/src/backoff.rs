//! How long a restart waits.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use crate::contain::{Contained, contain};
use crate::shutdown::FOREVER;

/// How long the restarts of a child wait. By default they do not. (Erlang/OTP has no such setting.)
///
/// The delay grows with each failure in a row, and begins anew when the child has been up for a
/// while. Set for a [supervisor](crate::Supervisor::backoff) it is that of each of its children, and
/// each counts its own failures; a [child](crate::ChildSpec::backoff) may have another.
///
/// A restart is counted when it is decided on, not when its delay is over. While it waits the child
/// is [`Restarting`](crate::ChildState::Restarting), and everything else is served: it can be stopped
/// by hand, which cancels the restart, or restarted at once, and a shutdown does not wait for it. If
/// its group is restarted along with it, the group waits down.
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
/// Any function of how many failures there were in a row stands in its place:
///
/// ```
/// use sage_supervisor::{RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
///
/// let supervisor = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .backoff(|failures: u32| Duration::from_millis(100) * failures.min(50));
/// # drop(supervisor);
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until a supervisor or a child has it"]
pub struct Backoff {
    delay: Delay,
    jitter: f64,
    seed: u64,
    reset_after: Duration,
}

type Custom = Box<dyn Fn(u32) -> Duration + Send + Sync>;

#[derive(Clone)]
enum Delay {
    Exponential { initial: Duration, max: Duration, factor: f64 },
    Custom(Arc<Contained<Custom>>),
}

const MINUTE: Duration = Duration::from_secs(60);

impl Backoff {
    /// Delays that begin with `initial` and are multiplied by the [factor](Self::factor) from
    /// failure to failure, up to the [maximum](Self::max).
    pub fn exponential(initial: Duration) -> Self {
        Self::new(Delay::Exponential { initial, max: MINUTE, factor: 2.0 }, 0.1)
    }

    fn new(delay: Delay, jitter: f64) -> Self {
        let seed = RandomState::new().hash_one(0);
        Self { delay, jitter, seed, reset_after: MINUTE }
    }

    /// Sets the longest delay. The default is a minute. It means nothing to a function of one's own.
    pub fn max(mut self, longest: Duration) -> Self {
        if let Delay::Exponential { max, .. } = &mut self.delay {
            *max = longest;
        }
        self
    }

    /// Sets how much longer each delay is than the one before. The default is 2; 1 is the same delay
    /// every time. It means nothing to a function of one's own.
    pub fn factor(mut self, times: f64) -> Self {
        if let Delay::Exponential { factor, .. } = &mut self.delay {
            *factor = times;
        }
        self
    }

    /// Sets which part of each delay is left to chance, from 0 to 1: a delay of 10 s and a jitter of
    /// 0.2 make 8 to 10 s. The default is 0.1, of a function of one's own 0.
    ///
    /// Children that failed together do not come back together then.
    pub fn jitter(mut self, part: f64) -> Self {
        self.jitter = part;
        self
    }

    /// Sets what the chance is drawn from: the same seed gives the same delays. By default it is
    /// another one every time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets how long an instance must have been up, for the failures before it to be forgotten. The
    /// default is a minute. An instance is up when it is started, or [ready] if it says when.
    ///
    /// [ready]: crate::ChildContext::ready
    pub fn reset_after(mut self, time: Duration) -> Self {
        self.reset_after = time;
        self
    }

    /// Whether an instance that was up for so long makes up for the failures before it.
    pub(crate) fn forgives(&self, up_for: Duration) -> bool {
        up_for >= self.reset_after
    }

    /// The delay after so many failures in a row, of a child and an instance of this number.
    pub(crate) fn delay(&self, failures: u32, child: u64, instance: u64) -> Duration {
        let delay = match &self.delay {
            Delay::Exponential { initial, max, factor } => {
                grown(*initial, *factor, failures).min(*max)
            }
            // One that panics has said so, through the panic hook.
            Delay::Custom(delay) => contain(|| delay.get()(failures)).unwrap_or_default(),
        };
        let chance = chance(self.seed ^ chance(child).to_bits() ^ instance.rotate_left(32));
        delay.min(FOREVER).mul_f64(1.0 - self.jitter * chance)
    }

    /// What cannot be meant, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let factor = match self.delay {
            Delay::Exponential { factor, .. } => factor,
            Delay::Custom(_) => 1.0,
        };
        if !(factor.is_finite() && factor >= 1.0) {
            return Some("the factor must be a finite number of at least 1");
        }
        let is_part = (0.0..=1.0).contains(&self.jitter);
        (!is_part).then_some("the jitter must be a number from 0 to 1")
    }
}

/// `initial * factor ^ (failures - 1)`, as far as that can be said.
fn grown(initial: Duration, factor: f64, failures: u32) -> Duration {
    let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
    let seconds = initial.as_secs_f64() * factor.powi(exponent);
    // Zero times infinity is not a number, and stays zero.
    if initial.is_zero() {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// A number from 0 up to 1, as good as any for each seed (SplitMix64).
fn chance(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    // The upper 32 bits are exact in a double.
    f64::from((z >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

impl<F> From<F> for Backoff
where
    F: Fn(u32) -> Duration + Send + Sync + 'static,
{
    /// `delay` is called with the number of failures in a row, from 1 on. A panic in it is taken for
    /// a delay of zero.
    fn from(delay: F) -> Self {
        Self::new(Delay::Custom(Arc::new(Contained::new(Box::new(delay)))), 0.0)
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Backoff");
        if let Delay::Exponential { initial, max, factor } = &self.delay {
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

    const SECOND: Duration = Duration::from_secs(1);

    fn delays(backoff: &Backoff) -> Vec<f32> {
        (1..8).map(|failures| backoff.delay(failures, 0, 0).as_secs_f32()).collect()
    }

    #[test]
    fn it_grows_by_the_factor_up_to_the_maximum() {
        let backoff = Backoff::exponential(SECOND).jitter(0.0);
        assert_eq!(delays(&backoff), [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]);
        let backoff = backoff.factor(1.0);
        assert_eq!(delays(&backoff), [1.0; 7]);
        let backoff = backoff.factor(3.0).max(SECOND * 5);
        assert_eq!(delays(&backoff), [1.0, 3.0, 5.0, 5.0, 5.0, 5.0, 5.0]);
    }

    #[test]
    fn no_number_of_failures_is_too_many() {
        let backoff = Backoff::exponential(SECOND).jitter(0.0);
        assert_eq!(backoff.delay(u32::MAX, 0, 0), MINUTE);
        assert_eq!(backoff.clone().max(Duration::MAX).delay(u32::MAX, 0, 0), FOREVER);
        let none = Backoff::exponential(Duration::ZERO).max(Duration::MAX);
        assert_eq!(none.delay(u32::MAX, 0, 0), Duration::ZERO);
    }

    #[test]
    fn jitter_shortens_by_its_part_at_most_and_a_seed_repeats_it() {
        let backoff = Backoff::exponential(SECOND).jitter(0.5).seed(7);
        let drawn: Vec<_> = (0..1_000).map(|child| backoff.delay(1, child, child / 2)).collect();
        assert!(drawn.iter().all(|delay| (SECOND / 2..=SECOND).contains(delay)));
        let mean = drawn.iter().sum::<Duration>() / 1_000;
        assert!(
            (Duration::from_millis(735)..Duration::from_millis(765)).contains(&mean),
            "{mean:?}"
        );
        let again: Vec<_> = (0..1_000).map(|child| backoff.delay(1, child, child / 2)).collect();
        assert_eq!(drawn, again);
        let other = backoff.seed(8);
        assert_ne!(drawn[0], other.delay(1, 0, 0));
    }

    #[test]
    fn a_function_may_say_what_it_likes() {
        let backoff = Backoff::from(|failures: u32| SECOND * failures);
        assert_eq!(delays(&backoff), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let rude = Backoff::from(|_: u32| -> Duration { panic!("expected") });
        assert_eq!(rude.delay(1, 0, 0), Duration::ZERO);
        assert_eq!(Backoff::from(|_: u32| Duration::MAX).delay(1, 0, 0), FOREVER);
    }

    #[test]
    fn what_cannot_be_meant_is_a_fault() {
        let good = Backoff::exponential(SECOND);
        assert_eq!(good.fault(), None);
        for bad in [0.5, f64::NAN, f64::INFINITY] {
            assert!(good.clone().factor(bad).fault().is_some(), "{bad}");
        }
        for bad in [-0.1, 1.1, f64::NAN] {
            assert!(good.clone().jitter(bad).fault().is_some(), "{bad}");
        }
    }
}
