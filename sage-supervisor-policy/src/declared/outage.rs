//! The time for which what a child depends on may be away.

use super::delays::Span;
use super::place::Place;
use super::{DeclaredChild, DeclaredLimit, DeclaredTree, Setting};

impl Place<'_> {
    /// Returns whether this child, and everything above it, outlives a time in milliseconds during which
    /// each start of the child fails at once.
    pub(super) const fn survives(&self, ms: u64) -> bool {
        // The time after which the child, and then the supervisor above it, fails once more.
        let mut fails_after = Span::ZERO;
        let mut place = self;
        loop {
            let is_restarted = match place.child.restart {
                Some(policy) => policy.restarts_after(true),
                None => false,
            };
            if !is_restarted || place.is_given_up_after(fails_after) <= ms {
                return false;
            }
            fails_after = place.exceeds_after(fails_after);
            if fails_after.shortest > ms {
                return true;
            }
            match place.above {
                Some(above) => place = above,
                None => return false,
            }
        }
    }

    /// The shortest time after which the child has exceeded a restart limit of its own, if each instance
    /// fails after the time `up_for`.
    const fn is_given_up_after(&self, up_for: Span) -> u64 {
        let Some((limit, within)) = self.child.own_limit else { return u64::MAX };
        // A written limit counts restarts that are delayed as well.
        self.exceeds(limit, within, true, up_for).shortest
    }
}

impl DeclaredTree<'_> {
    /// Returns whether a child, and with it the whole tree, outlives an outage of this many seconds: a time
    /// during which each start of the child fails at once, because something that it depends on is away.
    /// `path` leads from the root to the child, as in [`max_starts`](Self::max_starts).
    ///
    /// The tree outlives the outage if the root has not [given up](Self::gives_up_after_ms) by then, and if
    /// the child is tried again at its end: it is not temporary, has not exceeded a limit of its own, and
    /// neither has a supervisor above it. Supervisors on the way may have been rebuilt.
    ///
    /// What is known only at run time is taken for the worst: a limit may be 0, a delay may be zero, and a
    /// restart policy may be temporary. A `give_up_if` is not looked at.
    ///
    /// # Panics
    ///
    /// If there is no such child, or if it is not visible: below a value that is not listed as a tree.
    /// In a constant that is an error at compile time.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn app() -> Supervisor {
    ///         max_restarts = 5,
    ///         within = "5m",
    ///         backoff(initial = "1s", max = "30s", jitter = 0),
    ///
    ///         #[child]
    ///         pool = async |ctx| ctx.cancelled().await,
    ///     }
    /// }
    ///
    /// // The sixth failure comes after 1 + 2 + 4 + 8 + 16 s.
    /// const _: () = assert!(app::TREE.survives_outage_of("pool", 30));
    /// const _: () = assert!(!app::TREE.survives_outage_of("pool", 31));
    /// # drop(app());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn survives_outage_of(&self, path: &str, seconds: u64) -> bool {
        match self.outlives(path, 0, None, seconds.saturating_mul(1_000)) {
            Some(outlives) => outlives,
            None => panic!("{}", self.lacks(path).as_str()),
        }
    }

    const fn outlives(
        &self,
        path: &str,
        from: usize,
        above: Option<&Place<'_>>,
        ms: u64,
    ) -> Option<bool> {
        let end = super::storm::end_of_name(path, from);
        let mut next = 0;
        while next < self.children.len() {
            let place = Place::new(self, next, above);
            if place.child.has_name(path, from, end) {
                return match place.child.tree() {
                    _ if end == path.len() => Some(place.survives(ms)),
                    Some(tree) => tree.outlives(path, end + 1, Some(&place), ms),
                    None => None,
                };
            }
            next += 1;
        }
        None
    }
}

impl DeclaredChild<'_> {
    /// The child with a restart limit of its own, and its window in milliseconds.
    #[doc(hidden)]
    #[must_use]
    pub const fn limited(self, max_restarts: Setting<u32>, within_ms: Setting<u64>) -> Self {
        let default = crate::RestartConfig::DEFAULT;
        let limit = match max_restarts {
            Setting::Unset => DeclaredLimit::AtMost(default.max_restarts),
            Setting::Known(most) => DeclaredLimit::AtMost(most),
            Setting::Dynamic => DeclaredLimit::Unknown,
        };
        let within = match within_ms {
            Setting::Unset => Some(default.within),
            Setting::Known(time) => Some(std::time::Duration::from_millis(time)),
            Setting::Dynamic => None,
        };
        Self { own_limit: Some((limit, within)), ..self }
    }
}
