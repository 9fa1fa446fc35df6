//! The delays of restarts.

/// A backoff whose arguments are known. Times are in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct DeclaredBackoff {
    /// The first delay.
    pub initial_ms: u64,
    /// The longest delay.
    pub max_ms: u64,
    /// The factor between a delay and the one before it.
    pub factor: f64,
    /// The part of each delay that is left to chance.
    pub jitter: f64,
    /// The time for which an instance has to be up, so that the next delay is the first one again.
    pub reset_after_ms: u64,
}

/// A time in milliseconds that depends on chance, or on what is known only at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) shortest: u64,
    /// The longest time; `u64::MAX` if there may be no end.
    pub(super) longest: u64,
}

impl Span {
    pub(super) const ZERO: Self = Self { shortest: 0, longest: 0 };
    pub(super) const NEVER: Self = Self { shortest: u64::MAX, longest: u64::MAX };

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            shortest: self.shortest.saturating_add(other.shortest),
            longest: self.longest.saturating_add(other.longest),
        }
    }

    pub(super) const fn times(self, number: u64) -> Self {
        Self {
            shortest: self.shortest.saturating_mul(number),
            longest: self.longest.saturating_mul(number),
        }
    }
}

/// The longest time that passes with a delay. A timer is never early, has a resolution of a millisecond,
/// and needs another one to be acted upon, so restarts whose delays just fill a window are not all in it.
const fn late(delay: f64) -> u64 {
    // The conversion rounds down, and saturates.
    if delay > 0.0 { (delay as u64).saturating_add(2) } else { 0 }
}

/// The number of delays that are added up one by one. Those of a usual backoff are all equal by then.
const STEPS: u32 = 1_000;

impl DeclaredBackoff {
    /// The sum of the delays of this number of restarts in a row, of instances that are `up_for` this
    /// time each.
    pub(super) const fn sum(&self, restarts: u32, up_for: Span) -> Span {
        // An instance that may be up for long enough makes the delays begin anew: they are not shorter
        // than the first one then, and not longer than without it.
        let begins_anew = up_for.longest >= self.reset_after_ms;
        let mut sum = Span::ZERO;
        let (mut delay, mut number) = (self.initial_ms as f64, 0);
        let max = self.max_ms as f64;
        while number < restarts && number < STEPS {
            if delay > max {
                delay = max;
            }
            let shortest = if begins_anew { self.initial_ms as f64 } else { delay };
            sum = sum.plus(Span {
                // The conversion rounds down, and saturates.
                shortest: (shortest * (1.0 - self.jitter)) as u64,
                longest: late(delay),
            });
            delay *= self.factor;
            number += 1;
        }
        // No delay is shorter than the one before it, and none is longer than the maximum.
        let last = if begins_anew || delay > max { self.first_or_max(begins_anew) } else { delay };
        let shortest = (last * (1.0 - self.jitter)) as u64;
        let rest = Span { shortest, longest: late(max) };
        sum.plus(rest.times((restarts - number) as u64))
    }

    const fn first_or_max(&self, is_first: bool) -> f64 {
        if is_first { self.initial_ms as f64 } else { self.max_ms as f64 }
    }
}
