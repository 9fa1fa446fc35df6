//! Assertions on the time to stop, and what they say.

use super::place::Place;
use super::shutdown::Bound;
use super::text::{Text, width_of, width_of_time};
use super::{StaticTree, Written};
use crate::shutdown::Shutdown;

impl StaticTree {
    /// Asserts that a shutdown of the whole tree takes no more than so many milliseconds, by its
    /// [worst case](Self::worst_case_shutdown_ms).
    ///
    /// In a constant it is checked at compile time, also for trees that are put together from
    /// several functions and crates. A good number is what whoever runs the program grants it between
    /// the request to stop and the kill: `TimeoutStopSec` in systemd, `terminationGracePeriodSeconds`
    /// in Kubernetes, less what unresponsive children may [add](Self::kill_grace_ms).
    ///
    /// # Panics
    ///
    /// If the tree does not fit, with a drawing that has a time on every line. If there is no bound,
    /// with the children that have none, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn storage() -> Supervisor {
    ///         #[child(shutdown = "20s")]
    ///         pool = async |ctx| ctx.cancelled().await,
    ///     }
    /// }
    ///
    /// const _: () = storage::TREE.assert_fits_within_ms(30_000);
    /// # drop(storage());
    /// ```
    #[track_caller]
    pub const fn assert_fits_within_ms(&self, ms: u64) {
        if !self.fits_within_ms(ms) {
            panic!("{}", self.exceeds(ms).as_str());
        }
    }

    /// Asserts that a supervisor that is given so many milliseconds to stop, as the entry `name`, has
    /// time for its own children. No time at all is a kill on purpose; without a bound there is
    /// nothing to compare.
    #[track_caller]
    pub(crate) const fn assert_has_time(&self, name: &str, given_ms: u64) {
        if let Bound::Known(needed) = self.shutdown_bound() {
            if given_ms > 0 && given_ms < needed {
                panic!("{}", self.is_hurried(name, given_ms, needed).as_str());
            }
        }
    }

    #[cold]
    const fn exceeds(&self, ms: u64) -> Text {
        let mut text = Text::new();
        match self.shutdown_bound() {
            Bound::Known(needed) => {
                text.push("`");
                text.push(self.name);
                text.push("` may need ");
                text.push_time(needed);
                text.push(" to shut down, the budget is ");
                text.push_time(ms);
                self.draw_times(self.name, &mut text);
            }
            Bound::Unbounded => {
                text.push("the shutdown time of `");
                text.push(self.name);
                text.push("` has no bound");
                self.push_reasons(None, &mut text);
            }
            Bound::Unseen => {
                text.push("the shutdown time of `");
                text.push(self.name);
                text.push("` is not known at compile time");
                self.push_reasons(None, &mut text);
            }
        }
        text
    }

    #[cold]
    const fn is_hurried(&self, name: &str, given: u64, needed: u64) -> Text {
        let mut text = Text::new();
        text.push("`");
        text.push(name);
        text.push("` is given ");
        text.push_time(given);
        text.push(" to stop, but its own children may need ");
        text.push_time(needed);
        self.draw_times(name, &mut text);
        text
    }

    /// The tree with a time on each line, in a column.
    const fn draw_times(&self, title: &str, text: &mut Text) {
        text.push("\n  children stop one after another, last first:");
        let mut columns = Columns { names: 0, times: 0 };
        columns.fit(0, title, self.shutdown_bound());
        columns.fit_children(1, self);
        columns.push(0, title, self.shutdown_bound(), text);
        columns.push_children(1, self, text);
    }

    /// Why there is no sum: a line for each child that has no part of it.
    const fn push_reasons(&self, above: Option<&Place<'_>>, text: &mut Text) {
        let mut next = 0;
        while next < self.children.len() {
            let place = Place::new(self, next, above);
            if let Bound::Unseen | Bound::Unbounded = place.child.shutdown_bound() {
                place.push_reason(text);
            }
            next += 1;
        }
    }
}

impl Place<'_> {
    const fn push_reason(&self, text: &mut Text) {
        match (self.child.shutdown, &self.child.tree) {
            (Written::Known(_), Some(tree)) => tree.push_reasons(Some(self), text),
            (Written::Known(Shutdown::Timeout(_)), None) => {
                text.push("\n  `");
                self.push_path(text);
                text.push("` has more than 365 days, which is `infinity`");
            }
            (Written::Known(_), None) => {
                text.push("\n  `");
                self.push_path(text);
                text.push("` has `shutdown = \"infinity\"`");
            }
            (Written::Unknown, _) => {
                text.push("\n  the shutdown of `");
                self.push_path(text);
                text.push("` is known only at run time");
            }
            (Written::No, _) => {
                text.push("\n  `");
                self.push_path(text);
                text.push("` does not say at its entry how long it may take to stop");
            }
        }
    }

    /// Without the name of the root.
    const fn push_path(&self, text: &mut Text) {
        if let Some(above) = self.above {
            above.push_path(text);
            text.push("/");
        }
        text.push(self.child.name);
    }
}

impl Bound {
    const NOT_KNOWN: &'static str = "not known";
    const NO_BOUND: &'static str = "no bound";

    const fn width(self) -> usize {
        match self {
            Self::Known(time) => width_of_time(time),
            Self::Unseen => Self::NOT_KNOWN.len(),
            Self::Unbounded => Self::NO_BOUND.len(),
        }
    }
}

/// How wide they are.
struct Columns {
    names: usize,
    times: usize,
}

impl Columns {
    const fn fit(&mut self, depth: usize, name: &str, bound: Bound) {
        self.names = max(self.names, 2 * depth + width_of(name));
        self.times = max(self.times, bound.width());
    }

    const fn fit_children(&mut self, depth: usize, tree: &StaticTree) {
        let mut next = 0;
        while next < tree.children.len() {
            let child = &tree.children[next];
            self.fit(depth, child.name, child.shutdown_bound());
            if let Some(tree) = &child.tree {
                self.fit_children(depth + 1, tree);
            }
            next += 1;
        }
    }

    const fn push(&self, depth: usize, name: &str, bound: Bound, text: &mut Text) {
        text.push("\n    ");
        text.push_spaces(2 * depth);
        text.push(name);
        text.push_spaces(self.names - 2 * depth - width_of(name) + 2);
        text.push_spaces(self.times - bound.width());
        match bound {
            Bound::Known(time) => text.push_time(time),
            Bound::Unseen => text.push(Bound::NOT_KNOWN),
            Bound::Unbounded => text.push(Bound::NO_BOUND),
        }
    }

    const fn push_children(&self, depth: usize, tree: &StaticTree, text: &mut Text) {
        let mut next = 0;
        while next < tree.children.len() {
            let child = &tree.children[next];
            self.push(depth, child.name, child.shutdown_bound(), text);
            if let Some(tree) = &child.tree {
                self.push_children(depth + 1, tree, text);
            }
            next += 1;
        }
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
