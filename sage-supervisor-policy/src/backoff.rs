//! The arithmetic of a backoff: growth, cap, jitter and reset.

use std::time::Duration;

use crate::FOREVER;

/// The longest delay, unless another one is set.
pub const DEFAULT_MAX: Duration = Duration::from_secs(60);

/// The factor between two delays, unless another one is set.
pub const DEFAULT_FACTOR: f64 = 2.0;

/// The part of each delay that is left to chance, unless another one is set.
pub const DEFAULT_JITTER: f64 = 0.1;

/// The default of the time for which an instance must be up, so that the failures before it are
/// forgotten.
pub const DEFAULT_RESET_AFTER: Duration = Duration::from_secs(60);

/// The smallest factor: delays do not shrink.
pub const LEAST_FACTOR: f64 = 1.0;

/// The largest jitter: all of each delay is left to chance.
pub const LARGEST_JITTER: f64 = 1.0;

/// Delays that grow from failure to failure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponential {
    /// The delay after the first failure.
    pub initial: Duration,
    /// The longest delay.
    pub max: Duration,
    /// The factor between a delay and the one before it.
    pub factor: f64,
}

impl Exponential {
    /// The delays with the default [maximum](DEFAULT_MAX) and [factor](DEFAULT_FACTOR).
    #[must_use]
    pub const fn new(initial: Duration) -> Self {
        Self { initial, max: DEFAULT_MAX, factor: DEFAULT_FACTOR }
    }

    /// The delay after this number of failures in a row: `initial * factor ^ (failures - 1)`, up to
    /// the maximum.
    #[must_use]
    pub fn delay(&self, failures: u32) -> Duration {
        // Zero times infinity would be no number.
        if self.initial.is_zero() {
            return Duration::ZERO;
        }
        // The exponent of `powi` is an `i32`. No child fails two billion times in a row.
        let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
        // The power of many failures is infinite, and its product does not fit into a `Duration`.
        // Such a delay is longer than any maximum.
        let seconds = self.initial.as_secs_f64() * self.factor.powi(exponent);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).min(self.max)
    }
}

/// The delay without the part that chance takes off: `jitter` is the largest part, and `chance`, from
/// 0 to 1, is how much of it. No delay is longer than [`FOREVER`].
#[must_use]
pub fn jittered(delay: Duration, jitter: f64, chance: f64) -> Duration {
    // `mul_f64` panics if the product is negative or too large. The factor is from 0 to 1, because
    // `fault` refuses any other jitter.
    delay.min(FOREVER).mul_f64(1.0 - jitter * chance)
}

/// Returns whether the failures before an instance that was up for this time are forgotten.
#[must_use]
pub fn forgives(up_for: Duration, reset_after: Duration) -> bool {
    up_for >= reset_after
}

/// A number from 0 up to 1 for each instance of each child. It depends on nothing but its arguments,
/// so that a seed repeats all delays.
#[must_use]
pub fn chance(seed: u64, child: u64, instance: u64) -> f64 {
    // The numbers of children and instances are small. If they were combined as they are, child 1
    // in its second instance would have the delay of child 2 in its first one.
    fraction(seed ^ fraction(child).to_bits() ^ instance.rotate_left(32))
}

/// The first number of the generator SplitMix64 with this seed, from 0 up to 1.
fn fraction(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    // The upper 32 bits are exact in a double.
    f64::from((z >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

/// The reason why no delay can be calculated with these settings, if there is one.
#[must_use]
pub fn fault(factor: f64, jitter: f64) -> Option<&'static str> {
    // Every comparison with NaN is false. Both conditions are written so that NaN is refused.
    if !(factor.is_finite() && factor >= LEAST_FACTOR) {
        return Some("the factor must be a finite number of at least 1");
    }
    let is_part = (0.0..=LARGEST_JITTER).contains(&jitter);
    (!is_part).then_some("the jitter must be a number from 0 to 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn delays(delays: &Exponential) -> Vec<f32> {
        (1..8).map(|failures| delays.delay(failures).as_secs_f32()).collect()
    }

    #[test]
    fn delays_grow_by_the_factor_up_to_the_maximum() {
        let growing = Exponential::new(SECOND);
        assert_eq!(delays(&growing), [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]);
        let constant = Exponential { factor: 1.0, ..growing };
        assert_eq!(delays(&constant), [1.0; 7]);
        let capped = Exponential { factor: 3.0, max: SECOND * 5, ..growing };
        assert_eq!(delays(&capped), [1.0, 3.0, 5.0, 5.0, 5.0, 5.0, 5.0]);
    }

    #[test]
    fn no_number_of_failures_is_too_many() {
        let growing = Exponential::new(SECOND);
        assert_eq!(growing.delay(u32::MAX), DEFAULT_MAX);
        let endless = Exponential { max: Duration::MAX, ..growing }.delay(u32::MAX);
        assert_eq!(jittered(endless, 0.0, 0.0), FOREVER);
        let none = Exponential { initial: Duration::ZERO, max: Duration::MAX, factor: 2.0 };
        assert_eq!(none.delay(u32::MAX), Duration::ZERO);
    }

    #[test]
    fn jitter_shortens_by_its_part_at_most_and_a_seed_repeats_it() {
        let delay = |child, seed| jittered(SECOND, 0.5, chance(seed, child, child / 2));
        let drawn: Vec<_> = (0..1_000).map(|child| delay(child, 7)).collect();
        assert!(drawn.iter().all(|delay| (SECOND / 2..=SECOND).contains(delay)));
        let mean = drawn.iter().sum::<Duration>() / 1_000;
        let expected = Duration::from_millis(735)..Duration::from_millis(765);
        assert!(expected.contains(&mean), "{mean:?}");
        let again: Vec<_> = (0..1_000).map(|child| delay(child, 7)).collect();
        assert_eq!(drawn, again);
        assert_ne!(drawn[0], delay(0, 8));
    }

    #[test]
    fn settings_without_a_meaning_are_a_fault() {
        assert_eq!(fault(DEFAULT_FACTOR, DEFAULT_JITTER), None);
        for factor in [0.5, f64::NAN, f64::INFINITY] {
            assert!(fault(factor, DEFAULT_JITTER).is_some(), "{factor}");
        }
        for jitter in [-0.1, 1.1, f64::NAN] {
            assert!(fault(DEFAULT_FACTOR, jitter).is_some(), "{jitter}");
        }
    }
}
