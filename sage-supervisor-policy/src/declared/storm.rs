//! The number of starts of a child that keeps failing.

use super::delays::Span;
use super::place::Place;
use super::{DeclaredLimit, DeclaredTree, Setting};
use crate::{RestartPolicy, Text};

/// The effect of a child that fails at once, every time, in one run of a supervisor above it.
#[derive(Clone, Copy)]
struct Storm {
    /// The number of starts of that child.
    starts: u64,
    /// `true` if the run ends with an error.
    fails: bool,
    /// The time from the start of the run to that end.
    lasts: Span,
    /// `true` if a backoff delays restarts.
    is_delayed: bool,
}

/// The end of a tree because of a child that keeps failing.
pub(super) struct Surrender {
    /// The number of starts of the child until then; `u64::MAX` if there may be no end.
    pub(super) starts: u64,
    /// The shortest time until then in milliseconds; `u64::MAX` if there is no end.
    pub(super) after_ms: u64,
    /// `true` if a backoff delays restarts.
    pub(super) is_delayed: bool,
}

impl Place<'_> {
    /// The number of starts of this child until the root ends, or until the child is not restarted.
    const fn starts(&self) -> u64 {
        self.surrender().starts
    }

    /// The shortest time after which the supervisor of this child fails because of it, unless that takes no
    /// time or never happens.
    pub(super) fn supervisor_fails_after(&self) -> Option<u64> {
        let own = Place { above: None, ..*self }.surrender().after_ms;
        (0 < own && own < u64::MAX).then_some(own)
    }

    /// The end of the root because of this child, or the end of the restarts of the child.
    pub(super) const fn surrender(&self) -> Surrender {
        // A run of the child itself is a single start, and ends with the failure.
        let mut storm = Storm { starts: 1, fails: true, lasts: Span::ZERO, is_delayed: false };
        let mut place = self;
        loop {
            storm = place.passes_on(storm);
            match place.above {
                Some(above) => place = above,
                None => break,
            }
        }
        Surrender {
            starts: storm.starts,
            after_ms: if storm.fails { storm.lasts.shortest } else { u64::MAX },
            is_delayed: storm.is_delayed,
        }
    }

    /// The effect in a run of the supervisor of a `storm` in a run of this child.
    const fn passes_on(&self, storm: Storm) -> Storm {
        // The number is an upper bound, so a policy that is not known counts as the one that
        // restarts most.
        let policy = match self.child.restart {
            Some(policy) => policy,
            None => RestartPolicy::Permanent,
        };
        if policy.restarts_after(storm.fails) {
            // The first run of the child is no restart, so a limit of `n` restarts allows `n + 1`
            // runs.
            let lasts = self.exceeds_after(storm.lasts);
            let runs = match self.tree.limit {
                DeclaredLimit::AtMost(restarts) if lasts.longest < u64::MAX => restarts as u64 + 1,
                // The restarts may also be so far apart that no window ever holds too many of them.
                _ => u64::MAX,
            };
            let is_delayed = storm.is_delayed || !matches!(self.backoff(), Setting::Unset);
            // A product that exceeds 64 bits becomes `u64::MAX`, which also stands for a number
            // without a bound. The restarts end when the limit is exceeded, which is a failure of
            // the supervisor.
            let starts = storm.starts.saturating_mul(runs);
            return Storm { starts, fails: true, lasts, is_delayed };
        }
        // The supervisor ends normally if all other children end as well. A significant child ends it
        // at once, with its own result; a value may be significant by itself, which is not visible.
        Storm { fails: storm.fails && self.child.may_be_significant, ..storm }
    }
}

impl DeclaredTree<'_> {
    /// The number of times that a child which fails at once, every time, is started before the root
    /// ends; `u64::MAX` if the root never does, or if a limit on the way is known only at run time.
    ///
    /// `path` leads from the root to the child, without the name of the root: `storage/pool` is the
    /// child `pool` of the nested supervisor `storage`. A supervisor whose name is an expression has the
    /// name of its entry here.
    ///
    /// A supervisor starts the child `max_restarts + 1` times and ends; that is a failure of its
    /// own entry, so its parent rebuilds it `max_restarts` times, and so on. The number is the product
    /// of `max_restarts + 1` over the supervisors on the way up. The product ends below an entry that is
    /// not restarted: a temporary one, unless it is significant and therefore ends its supervisor. (A
    /// supervisor whose children have all ended by themselves ends normally, so the product goes on
    /// above an entry that is permanent.)
    ///
    /// The number is an upper bound:
    ///
    /// - A restart policy that is known only at run time counts as permanent, and a limit of the
    ///   child's own is not counted: it refuses at most the restarts that its supervisor would refuse.
    /// - A value that its entry makes temporary counts as significant, which it may be by itself.
    /// - A failure before a supervisor above has started all its children may end the tree earlier.
    ///
    /// A backoff that is written takes part: there is no bound if its delays may be so long that the
    /// restarts leave the window, or if they do not count because nobody has set the limit. See
    /// [`RestartConfig`](crate::RestartConfig).
    ///
    /// The number holds for one child that fails at once, while nothing else causes a restart. Not
    /// counted are starts by hand, group restarts because of a temporary child's siblings, a backoff that
    /// a value sets itself, and failures that are so far apart by themselves that they leave the window:
    /// with those the root may never end.
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
    ///         max_restarts = 2,
    ///
    ///         #[child]
    ///         storage = supervisor! {
    ///             max_restarts = 3,
    ///
    ///             #[child]
    ///             pool = async |ctx| ctx.cancelled().await,
    ///         },
    ///     }
    /// }
    ///
    /// const _: () = assert!(app::TREE.max_starts("storage/pool") == 4 * 3);
    /// # drop(app());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn max_starts(&self, path: &str) -> u64 {
        match self.find(path, 0, None) {
            Some(surrender) => surrender.starts,
            None => panic!("{}", self.lacks(path).as_str()),
        }
    }

    /// The shortest time in milliseconds for which a child may fail at once, every time, until the root
    /// gives up and ends with an error; `u64::MAX` if the root never does because of this child. This is
    /// the time for which whatever the child depends on may be away. `path` leads from the root to the
    /// child, as in [`max_starts`](Self::max_starts).
    ///
    /// Without a backoff the time is 0: all restarts follow each other within microseconds. With a backoff
    /// the time is the sum of the delays, each as short as its jitter allows, until a limit on the way to
    /// the root is exceeded. There is no end if such a limit is `"unlimited"`; if nobody has set it and the
    /// restarts that it would count are delayed; or if the delays are so long that the restarts leave its
    /// window.
    ///
    /// The time is a lower bound. What is known only at run time is taken to be as short as possible: a
    /// limit may be 0, and a delay may be zero. Failures before a supervisor has started all its children,
    /// restarts for another reason and starts by hand are not counted. A limit of the child's own, which
    /// gives up the child alone, is not counted either.
    ///
    /// # Panics
    ///
    /// If there is no such child, or if it is not visible: below a value that is not listed as a tree.
    /// In a constant that is an error at compile time.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{DeclaredTree, prelude::*};
    ///
    /// supervisor! {
    ///     pub fn app() -> Supervisor {
    ///         #[child(backoff(initial = "1s", max = "1m"))]
    ///         client = async |ctx| ctx.cancelled().await,
    ///
    ///         #[child]
    ///         storage = supervisor! {
    ///             max_restarts = 5,
    ///             backoff(initial = "1s", max = "1m", jitter = 0),
    ///
    ///             #[child]
    ///             pool = async |ctx| ctx.cancelled().await,
    ///         },
    ///     }
    /// }
    ///
    /// // Nobody has set a limit, so the client is tried again for ever.
    /// const _: () = assert!(app::TREE.gives_up_after_ms("client") == u64::MAX);
    /// // The storage ends after 1 + 2 + 4 + 8 + 16 s, and is started again without any delay. Its ends are
    /// // 31 s apart, so a minute never holds more than five of them.
    /// const _: () = assert!(app::TREE.gives_up_after_ms("storage/pool") == u64::MAX);
    /// const STORAGE: &DeclaredTree<'_> = app::TREE.children()[1].tree().unwrap();
    /// const _: () = assert!(STORAGE.gives_up_after_ms("pool") == 31_000);
    /// # drop(app());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn gives_up_after_ms(&self, path: &str) -> u64 {
        match self.find(path, 0, None) {
            Some(surrender) => surrender.after_ms,
            None => panic!("{}", self.lacks(path).as_str()),
        }
    }

    /// The largest [`max_starts`](Self::max_starts) in the tree: the number of times that one child can
    /// be started before the root ends, and with it the number of starts that a child which keeps
    /// failing costs at most. 0 if there are no children.
    ///
    /// Children below a value are not visible, and are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn app() -> Supervisor {
    ///         #[child]
    ///         listener = async |ctx| ctx.cancelled().await,
    ///     }
    /// }
    ///
    /// // No child is started more than a hundred times in vain.
    /// const _: () = assert!(app::TREE.restart_storm() <= 100);
    /// # drop(app());
    /// ```
    #[must_use]
    pub const fn restart_storm(&self) -> u64 {
        self.storm_below(None)
    }

    const fn storm_below(&self, above: Option<&Place<'_>>) -> u64 {
        let mut most = 0;
        let mut next = 0;
        while next < self.children.len() {
            let place = Place::new(self, next, above);
            let here = place.starts();
            let below = match place.child.tree() {
                Some(tree) => tree.storm_below(Some(&place)),
                None => 0,
            };
            most = max(most, max(here, below));
            next += 1;
        }
        most
    }

    /// The end because of the child at `path`, if there is one. `from` is the position in the path
    /// at which the name of a child of this supervisor begins.
    const fn find(&self, path: &str, from: usize, above: Option<&Place<'_>>) -> Option<Surrender> {
        // Positions take the place of parts of the path, because a `const fn` cannot slice a `str`.
        let end = end_of_name(path, from);
        let mut next = 0;
        while next < self.children.len() {
            let place = Place::new(self, next, above);
            if place.child.has_name(path, from, end) {
                return match place.child.tree() {
                    _ if end == path.len() => Some(place.surrender()),
                    Some(tree) => tree.find(path, end + 1, Some(&place)),
                    None => None,
                };
            }
            next += 1;
        }
        None
    }

    #[cold]
    pub(super) const fn lacks(&self, path: &str) -> Text {
        let mut text = Text::new();
        text.push("`");
        text.push(self.name);
        text.push("` has no child `");
        text.push(path);
        text.push("`");
        self.explain(path, 0, &mut text);
        text
    }

    /// Adds how far the path leads, and the children that are there.
    const fn explain(&self, path: &str, from: usize, text: &mut Text) {
        let end = end_of_name(path, from);
        let mut next = 0;
        while next < self.children.len() {
            let child = &self.children[next];
            if child.has_name(path, from, end) {
                // A path that ended here would have led to this child, and there would be no message
                // to write. A slash therefore follows at `end`.
                if let Some(tree) = child.tree() {
                    return tree.explain(path, end + 1, text);
                }
                text.push("\n  nothing below `");
                text.push_utf8(path.as_bytes().split_at(end).0);
                return text.push("` can be seen");
            }
            next += 1;
        }
        if self.children.is_empty() {
            return;
        }
        text.push("\n  children of `");
        match from {
            // The path begins without the name of the root. Anywhere else, the part of the path in
            // front of the last slash is the path of this supervisor.
            0 => text.push(self.name),
            _ => text.push_utf8(path.as_bytes().split_at(from - 1).0),
        }
        text.push("`:");
        next = 0;
        while next < self.children.len() {
            text.push(if next == 0 { " `" } else { ", `" });
            text.push(self.children[next].name);
            text.push("`");
            next += 1;
        }
    }
}

const fn max(a: u64, b: u64) -> u64 {
    if a > b { a } else { b }
}

pub(super) const fn end_of_name(path: &str, from: usize) -> usize {
    let mut end = from;
    while end < path.len() && path.as_bytes()[end] != b'/' {
        end += 1;
    }
    end
}
