//! The assertions on the time to stop, and their messages.

use super::place::Place;
use super::{Bound, DeclaredChild, DeclaredTree, NoBound};
use crate::outline::width_of;
use crate::time;
use crate::{Order, Text};

impl DeclaredTree<'_> {
    /// Asserts that a shutdown of the whole tree takes no more than this number of milliseconds, by its
    /// [worst case](Self::worst_case_shutdown_ms).
    ///
    /// In a constant the assertion is checked at compile time, even for trees that are put together from
    /// several functions and crates. A good number is the time that the environment grants the program
    /// between the request to stop and the kill, `TimeoutStopSec` in systemd or
    /// `terminationGracePeriodSeconds` in Kubernetes, less the time that unresponsive children may
    /// [add](Self::kill_grace_ms).
    ///
    /// # Panics
    ///
    /// If the tree does not fit, with a drawing that has a time on every line. If there is no bound,
    /// with the children that have none, and the reasons.
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
            // In a constant, `panic!` accepts a single `{}` with a `&str` and no other format, so
            // the whole message is composed before.
            panic!("{}", self.exceeds(ms).as_str());
        }
    }

    /// Asserts that a supervisor that is given this number of milliseconds to stop, as the entry `name`,
    /// has time for its own children.
    ///
    /// # Panics
    ///
    /// If it has not, with a drawing that has a time on every line.
    #[doc(hidden)]
    #[track_caller]
    pub const fn assert_has_time(&self, name: &str, given_ms: u64) {
        if let Some(needed) = self.needs_more_than(given_ms) {
            let mut text = too_little_time(name, given_ms, needed);
            self.push_drawing(name, &mut text);
            panic!("{}", text.as_str());
        }
    }

    /// The time that the children of a supervisor may need to stop, if that is known to be more than the
    /// supervisor is given. A time of zero is a kill on purpose.
    #[doc(hidden)]
    #[must_use]
    pub const fn needs_more_than(&self, given_ms: u64) -> Option<u64> {
        match self.shutdown_bound() {
            // A time without a bound is no mistake here: the user chose to cut the tree short.
            Bound::Known(needed) if 0 < given_ms && given_ms < needed => Some(needed),
            _ => None,
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
                self.push_drawing(self.name, &mut text);
            }
            bound => {
                text.push("the shutdown time of `");
                text.push(self.name);
                text.push(match bound {
                    Bound::Unbounded => "` has no bound",
                    _ => "` is not known at compile time",
                });
                self.push_reasons(None, &mut text);
            }
        }
        text
    }

    const fn push_drawing(&self, title: &str, text: &mut Text) {
        text.push("\n  ");
        text.push(self.stop_rule());
        text.push(":");
        self.push_times(title, 4, text);
    }

    /// The rule by which the times of a drawing add up.
    #[doc(hidden)]
    #[must_use]
    pub const fn stop_rule(&self) -> &'static str {
        if self.stops_together() || self.has_together_below() {
            "children stop one after another, last first, and together where it says so"
        } else {
            "children stop one after another, last first"
        }
    }

    /// Returns whether it is known that the children stop together.
    const fn stops_together(&self) -> bool {
        matches!(self.stop_order, Some(Order::Together))
    }

    /// Returns whether the children of any supervisor below stop together.
    const fn has_together_below(&self) -> bool {
        let mut next = 0;
        while next < self.children.len() {
            if let Some(tree) = self.children[next].tree() {
                if tree.stops_together() || tree.has_together_below() {
                    return true;
                }
            }
            next += 1;
        }
        false
    }

    /// Adds the tree with a time on each line, in a column, behind a margin of this number of spaces.
    #[doc(hidden)]
    pub const fn push_times(&self, title: &str, margin: usize, text: &mut Text) {
        // A first pass finds the widths of the columns, and a second one writes the lines.
        let mut columns = Columns { margin, names: 0, times: 0 };
        columns.fit(0, title, self.shutdown_bound());
        columns.fit_children(1, self);
        columns.push(0, title, self.shutdown_bound(), self.stops_together(), text);
        columns.push_children(1, self, text);
    }

    /// The reason why a child has no known part of the sum, unless that lies in the tree below it.
    #[doc(hidden)]
    #[must_use]
    pub const fn reason_of(&self, child: &DeclaredChild<'_>) -> Option<NoBound> {
        if self.lacks_instances(child) {
            return Some(NoBound::Instances);
        }
        child.no_bound()
    }

    /// Adds a line for each child that has no part of the sum, with the reason.
    const fn push_reasons(&self, above: Option<&Place<'_>>, text: &mut Text) {
        let mut next = 0;
        while next < self.children.len() {
            let place = Place::new(self, next, above);
            if let Some(reason) = self.reason_of(place.child) {
                let mut path = Text::new();
                place.push_path(&mut path);
                text.push("\n  ");
                reason.push(path.as_str(), text);
            // The tuple takes the place of a chain of conditions with `let`, which Rust 1.85 does
            // not accept.
            } else if let (false, Some(tree)) =
                (matches!(place.child.shutdown_bound(), Bound::Known(_)), place.child.tree())
            {
                tree.push_reasons(Some(&place), text);
            }
            next += 1;
        }
        let mut path = Text::new();
        match above {
            Some(above) => above.push_path(&mut path),
            None => path.push(self.name),
        }
        self.push_more(path.as_str(), text);
    }

    /// Adds a line if the supervisor at `path` has children that are not declared.
    pub(super) const fn push_more(&self, path: &str, text: &mut Text) {
        if self.has_more {
            text.push("\n  `");
            text.push(path);
            text.push("` has children that are made at run time");
        }
    }
}

/// The message about a supervisor that is given less time to stop than its children may need.
#[must_use]
pub const fn too_little_time(name: &str, given_ms: u64, needed_ms: u64) -> Text {
    let mut text = Text::new();
    text.push("`");
    text.push(name);
    text.push("` is given ");
    text.push_time(given_ms);
    text.push(" to stop, but its own children may need ");
    text.push_time(needed_ms);
    text
}

impl NoBound {
    /// Adds the reason for the child at `path`.
    pub const fn push(self, path: &str, text: &mut Text) {
        match self {
            Self::Dynamic => text.push("the shutdown of "),
            Self::Instances => text.push("the number of instances of "),
            _ => {}
        }
        text.push("`");
        text.push(path);
        text.push(match self {
            Self::Infinity => "` has `shutdown = \"infinity\"`",
            Self::TooLong => "` has more than 365 days, which is `infinity`",
            Self::Dynamic | Self::Instances => "` is known only at run time",
            Self::Unseen => "` does not say at its entry how long it may take to stop",
        });
    }
}

impl Bound {
    /// The text in place of a time.
    const fn unknown(self) -> &'static str {
        match self {
            Self::Unbounded => "no bound",
            _ => "not known",
        }
    }

    const fn width(self) -> usize {
        match self {
            Self::Known(time) => time::width_of(time),
            _ => self.unknown().len(),
        }
    }
}

/// The margin in front of the names, and the widths of the columns.
struct Columns {
    margin: usize,
    names: usize,
    times: usize,
}

impl Columns {
    const fn fit(&mut self, depth: usize, name: &str, bound: Bound) {
        self.names = max(self.names, 2 * depth + width_of(name));
        self.times = max(self.times, bound.width());
    }

    const fn fit_children(&mut self, depth: usize, tree: &DeclaredTree<'_>) {
        let mut next = 0;
        while next < tree.children.len() {
            let child = &tree.children[next];
            self.fit(depth, child.name, tree.part_of(child));
            if let Some(tree) = child.tree() {
                self.fit_children(depth + 1, tree);
            }
            next += 1;
        }
    }

    const fn push(
        &self,
        depth: usize,
        name: &str,
        bound: Bound,
        is_together: bool,
        text: &mut Text,
    ) {
        text.push("\n");
        text.push_spaces(self.margin + 2 * depth);
        text.push(name);
        // The first pass has measured this line as well, so neither subtraction can overflow.
        text.push_spaces(self.names - 2 * depth - width_of(name) + 2);
        text.push_spaces(self.times - bound.width());
        match bound {
            Bound::Known(time) => text.push_time(time),
            _ => text.push(bound.unknown()),
        }
        if is_together {
            text.push("  together");
        }
    }

    const fn push_children(&self, depth: usize, tree: &DeclaredTree<'_>, text: &mut Text) {
        let mut next = 0;
        while next < tree.children.len() {
            let child = &tree.children[next];
            let is_together = match child.tree() {
                Some(tree) => tree.stops_together(),
                None => false,
            };
            self.push(depth, child.name, tree.part_of(child), is_together, text);
            child.push_instances(text);
            if let Some(tree) = child.tree() {
                self.push_children(depth + 1, tree, text);
            }
            next += 1;
        }
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
