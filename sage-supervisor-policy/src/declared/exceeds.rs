//! The limits that count the restarts of a declared child, and when they are exceeded.

use std::time::Duration;

use super::delays::{DeclaredBackoff, Span};
use super::place::Place;
use super::{DeclaredLimit, DeclaredTree, Setting};
use crate::time::milliseconds;

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
        // A limit that nobody has set does not count restarts that are delayed.
        self.exceeds(self.tree.limit, self.tree.within, self.tree.is_limit_set, up_for)
    }

    /// The time until this child has exceeded such a limit, which counts restarts that are delayed or leaves
    /// them out.
    pub(super) const fn exceeds(
        &self,
        limit: DeclaredLimit,
        within: Option<Duration>,
        counts_delayed: bool,
        up_for: Span,
    ) -> Span {
        let most = match limit {
            DeclaredLimit::AtMost(most) => most,
            DeclaredLimit::Unlimited => return Span::NEVER,
            // The limit may be 0.
            DeclaredLimit::Unknown => {
                return Span { shortest: up_for.shortest, longest: u64::MAX };
            }
        };
        let delays = match self.backoff() {
            Setting::Unset => Span::ZERO,
            Setting::Known(_) if !counts_delayed => return Span::NEVER,
            Setting::Known(backoff) => backoff.sum(most, up_for),
            // All delays may be zero.
            Setting::Dynamic => Span { shortest: 0, longest: u64::MAX },
        };
        // A window has to hold all allowed restarts, and the one that exceeds the limit.
        let apart = delays.plus(up_for.times(most as u64));
        let (shortest_window, longest_window) = match within {
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
