//! The delays of restarts, and the limits that count them.

use super::place::Place;
use super::{DeclaredChild, DeclaredLimit, DeclaredTree, Setting};
use crate::time::milliseconds;

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
    const NEVER: Self = Self { shortest: u64::MAX, longest: u64::MAX };

    const fn plus(self, other: Self) -> Self {
        Self {
            shortest: self.shortest.saturating_add(other.shortest),
            longest: self.longest.saturating_add(other.longest),
        }
    }

    const fn times(self, number: u64) -> Self {
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
    const fn sum(&self, restarts: u32, up_for: Span) -> Span {
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

impl Place<'_> {
    /// The delays of the restarts of this child.
    pub(super) const fn backoff(&self) -> Setting<DeclaredBackoff> {
        match (self.child.backoff, self.tree.backoff) {
            // The value may have a backoff of its own, which comes before that of the supervisor.
            (Setting::Unset, Setting::Known(_) | Setting::Dynamic) if self.child.is_value => {
                Setting::Dynamic
            }
            (Setting::Unset, of_tree) => of_tree,
            (own, _) => own,
        }
    }

    /// The time from the start of a supervisor until this child has exceeded its limit, if each instance
    /// of the child fails after the time `up_for`.
    pub(super) const fn exceeds_after(&self, up_for: Span) -> Span {
        let most = match self.tree.limit {
            DeclaredLimit::AtMost(most) => most,
            DeclaredLimit::Unlimited => return Span::NEVER,
            // The limit may be 0.
            DeclaredLimit::Unknown => {
                return Span { shortest: up_for.shortest, longest: u64::MAX };
            }
        };
        let delays = match self.backoff() {
            Setting::Unset => Span::ZERO,
            // Nobody has set the limit, so it does not count restarts that are delayed.
            Setting::Known(_) if !self.tree.is_limit_set => return Span::NEVER,
            Setting::Known(backoff) => backoff.sum(most, up_for),
            // All delays may be zero.
            Setting::Dynamic => Span { shortest: 0, longest: u64::MAX },
        };
        // A window has to hold all allowed restarts, and the one that exceeds the limit.
        let apart = delays.plus(up_for.times(most as u64));
        let (shortest_window, longest_window) = match self.tree.within {
            Some(within) => (milliseconds(within), milliseconds(within)),
            None => (0, u64::MAX),
        };
        let may_be_forgiven = match self.forgive_after() {
            Setting::Unset => false,
            Setting::Known(time) => up_for.longest >= time,
            Setting::Dynamic => up_for.longest > 0,
        };
        let needed = apart.plus(up_for);
        Span {
            shortest: if apart.shortest > longest_window { u64::MAX } else { needed.shortest },
            longest: match may_be_forgiven || apart.longest > shortest_window {
                true => u64::MAX,
                false => needed.longest,
            },
        }
    }

    /// The time for which an instance of this child has to be up for the restarts before it to be
    /// forgiven.
    const fn forgive_after(&self) -> Setting<u64> {
        match (self.child.forgive_after, self.tree.forgive_after) {
            (Setting::Unset, of_tree) => of_tree,
            (own, _) => own,
        }
    }
}

impl DeclaredTree<'_> {
    /// The tree with this backoff.
    #[doc(hidden)]
    #[must_use]
    pub const fn delayed(self, backoff: Setting<DeclaredBackoff>) -> Self {
        Self { backoff, ..self }
    }

    /// The tree with this time in milliseconds after which restarts are forgiven.
    #[doc(hidden)]
    #[must_use]
    pub const fn forgiving(self, forgive_after: Setting<u64>) -> Self {
        Self { forgive_after, ..self }
    }

    /// Returns whether the limit leaves out restarts that are delayed, and some are.
    pub(super) const fn leaves_out_delayed(&self) -> bool {
        if self.is_limit_set {
            return false;
        }
        let mut is_delayed = !matches!(self.backoff, Setting::Unset);
        let mut next = 0;
        while next < self.children.len() {
            is_delayed |= !matches!(self.children[next].backoff, Setting::Unset);
            next += 1;
        }
        is_delayed
    }
}

impl DeclaredChild<'_> {
    /// The child with this backoff.
    #[doc(hidden)]
    #[must_use]
    pub const fn delayed(self, backoff: Setting<DeclaredBackoff>) -> Self {
        Self { backoff, ..self }
    }

    /// The child with this time in milliseconds after which its restarts are forgiven.
    #[doc(hidden)]
    #[must_use]
    pub const fn forgiving(self, forgive_after: Setting<u64>) -> Self {
        Self { forgive_after, ..self }
    }
}
