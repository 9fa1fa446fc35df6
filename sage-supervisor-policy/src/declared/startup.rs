//! The longest time until all children of a tree have started.

use super::{Below, Bound, DeclaredChild, DeclaredTree, Setting};
use crate::{Order, Text};

impl DeclaredTree<'_> {
    /// The worst case of a start of the whole tree.
    pub(super) const fn startup_bound(&self) -> Bound {
        let mut sum = Bound::Known(0);
        let mut next = 0;
        while next < self.children.len() {
            let child = &self.children[next];
            // An order that is known only at run time may be one after another.
            let is_together = matches!(self.start_order, Some(Order::Together));
            let bound = child.in_pool(child.startup_bound(), is_together);
            sum = if is_together { sum.beside(bound) } else { sum.then(bound) };
            next += 1;
        }
        if self.has_more { sum.then(Bound::Unseen) } else { sum }
    }

    /// The longest time from the start of the tree until all its children have started, in milliseconds, if
    /// no start fails; `u64::MAX` if the time has no bound.
    ///
    /// A child has started when it is ready, if it has `ready_within`, and at once without that. Children
    /// start one after another, so the time is the sum over all of them. Where they start
    /// [together](crate::Order::Together), it is the longest of them:
    ///
    /// | child | its part |
    /// |---|---|
    /// | `ready_within` | that time |
    /// | a closure without `ready_within` | 0 |
    /// | a nested supervisor | its own sum, or the longest |
    /// | a time known only at run time, or a value that may set it itself | no bound |
    ///
    /// A child that is not ready within its time has failed to start, and at the root that is the end of
    /// the tree. A nested supervisor that fails to start is started again by its own parent, so the start
    /// of the whole tree may take longer then. Children that are added at run time are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn storage() -> Supervisor {
    ///         #[child(ready_within = "20s")]
    ///         pool = async |ctx| {
    ///             ctx.ready().await;
    ///             ctx.cancelled().await;
    ///         },
    ///
    ///         #[child(ready_within = "2s")]
    ///         cache = async |ctx| {
    ///             ctx.ready().await;
    ///             ctx.cancelled().await;
    ///         },
    ///     }
    /// }
    ///
    /// const _: () = assert!(storage::TREE.worst_case_startup_ms() == 22_000);
    /// # drop(storage());
    /// ```
    #[must_use]
    pub const fn worst_case_startup_ms(&self) -> u64 {
        match self.startup_bound() {
            Bound::Known(time) => time,
            Bound::Elsewhere | Bound::Unseen | Bound::Dynamic | Bound::Unbounded => u64::MAX,
        }
    }

    /// Asserts that all children have started after no more than this number of milliseconds, by the
    /// [worst case](Self::worst_case_startup_ms). A good number is the time after which the environment
    /// gives a start up: `TimeoutStartSec` in systemd, or what `startupProbe` allows in Kubernetes.
    ///
    /// # Panics
    ///
    /// If the tree may need longer, or if the time has no bound. In a constant that is an error at compile
    /// time.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn storage() -> Supervisor {
    ///         #[child(ready_within = "20s")]
    ///         pool = async |ctx| {
    ///             ctx.ready().await;
    ///             ctx.cancelled().await;
    ///         },
    ///     }
    /// }
    ///
    /// const _: () = storage::TREE.assert_starts_within_ms(30_000);
    /// # drop(storage());
    /// ```
    #[track_caller]
    pub const fn assert_starts_within_ms(&self, ms: u64) {
        if self.worst_case_startup_ms() > ms {
            panic!("{}", self.starts_later_than(ms).as_str());
        }
    }

    #[cold]
    const fn starts_later_than(&self, ms: u64) -> Text {
        let mut text = Text::new();
        match self.startup_bound() {
            Bound::Known(needed) => {
                text.push("`");
                text.push(self.name);
                text.push("` may need ");
                text.push_time(needed);
                text.push(" to start, and has ");
                text.push_time(ms);
                self.push_starts(2, &mut text);
            }
            _ => {
                text.push("the time that `");
                text.push(self.name);
                text.push("` needs to start is not known at compile time");
                self.push_unknown_starts(&mut text);
            }
        }
        text
    }

    /// Adds a line for each child that takes time to start.
    const fn push_starts(&self, margin: usize, text: &mut Text) {
        let is_together = matches!(self.start_order, Some(Order::Together));
        let mut next = 0;
        while next < self.children.len() {
            let child = &self.children[next];
            next += 1;
            let Bound::Known(time @ 1..) = child.in_pool(child.startup_bound(), is_together) else {
                continue;
            };
            text.push("\n");
            text.push_spaces(margin);
            text.push("`");
            text.push(child.name);
            text.push("` ");
            text.push_time(time);
            child.push_instances(text);
            if is_together {
                text.push("  together");
            }
            if let Some(tree) = child.tree() {
                tree.push_starts(margin + 2, text);
            }
        }
    }

    /// Adds a line for each child whose time to start is not known.
    const fn push_unknown_starts(&self, text: &mut Text) {
        let mut next = 0;
        while next < self.children.len() {
            let child = &self.children[next];
            next += 1;
            if let (Bound::Known(0), _) | (Bound::Known(_), Setting::Unset | Setting::Known(_)) =
                (child.startup_bound(), child.instances)
            {
                continue;
            }
            if let Some(tree) = child.tree() {
                tree.push_unknown_starts(text);
                continue;
            }
            text.push("\n  `");
            text.push(child.name);
            text.push(match (child.startup_bound(), child.instances) {
                (Bound::Known(_), _) => {
                    "` has a number of instances that is known only at run time"
                }
                (Bound::Unseen, _) => {
                    "` does not say at its entry how long it may take to be ready"
                }
                _ => "` has a `ready_within` that is known only at run time",
            });
        }
        self.push_more(self.name, text);
    }
}

impl DeclaredChild<'_> {
    /// The worst case of the start of one such child.
    const fn startup_bound(&self) -> Bound {
        let own = match (self.ready_within, self.is_value) {
            (Setting::Known(time), _) => Bound::Known(time),
            (Setting::Dynamic, _) => Bound::Dynamic,
            // The value may be a supervisor, or have a `ready_within` of its own.
            (Setting::Unset, true) => Bound::Unseen,
            (Setting::Unset, false) => Bound::Known(0),
        };
        match &self.below {
            Below::Tree(tree) => tree.startup_bound(),
            Below::Elsewhere => Bound::Elsewhere,
            Below::Nothing => own,
        }
    }

    /// The child with this time in milliseconds in which it has to be ready.
    #[doc(hidden)]
    #[must_use]
    pub const fn ready_within(self, ready_within: Setting<u64>) -> Self {
        Self { ready_within, ..self }
    }
}
