//! The longest time that a tree may take to stop.

use std::time::Duration;

use super::{Below, DeclaredChild, DeclaredTree, Setting};
use crate::time::milliseconds;
use crate::{KILL_GRACE, Order, Shutdown, clamp_kill_grace};

/// The worst case of a shutdown. The later a variant stands here, the more it takes over a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The time is this number of milliseconds at most.
    Known(u64),
    /// The time depends on a named tree whose constant only the compiler knows.
    Elsewhere,
    /// The time depends on the options of a value, which are not visible.
    Unseen,
    /// The time depends on an expression.
    Dynamic,
    /// There is no limit.
    Unbounded,
}

/// The reason why a child has no known [`Bound`] by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBound {
    /// The child is a worker with `shutdown = "infinity"`.
    Infinity,
    /// The child is a worker with a time of more than 365 days.
    TooLong,
    /// The shutdown of the child is an expression.
    Dynamic,
    /// The number of children in a pool is an expression.
    Instances,
    /// The child is a value, whose own options may set the shutdown.
    Unseen,
}

impl Bound {
    /// Children stop one after another.
    pub(super) const fn then(self, next: Self) -> Self {
        // The arms go from the last variant to the first: the first arm that matches decides, so a
        // time that has no bound wins over one that is merely not known.
        match (self, next) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_add(b)),
            (Self::Unbounded, _) | (_, Self::Unbounded) => Self::Unbounded,
            (Self::Dynamic, _) | (_, Self::Dynamic) => Self::Dynamic,
            (Self::Unseen, _) | (_, Self::Unseen) => Self::Unseen,
            (Self::Elsewhere, _) | (_, Self::Elsewhere) => Self::Elsewhere,
        }
    }

    /// Children stop together.
    pub(super) const fn beside(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(if a > b { a } else { b }),
            // A time that is not known is none of the sum, and none of the longest.
            (a, b) => a.then(b),
        }
    }

    /// A supervisor is killed after its time, and may have stopped before.
    const fn at_most(self, time: u64) -> Self {
        match self {
            Self::Known(own) if own < time => self,
            // The tree itself may stop earlier than `time`. The compiler knows its constant, and
            // can compare the two.
            Self::Elsewhere => self,
            // Every other tree, even one without a bound of its own, ends at the latest with the
            // kill.
            _ => Self::Known(time),
        }
    }
}

impl DeclaredTree<'_> {
    /// The worst case of a shutdown of the whole tree.
    #[doc(hidden)]
    #[must_use]
    pub const fn shutdown_bound(&self) -> Bound {
        let mut sum = Bound::Known(0);
        let mut next = 0;
        while next < self.children.len() {
            let bound = self.part_of(&self.children[next]);
            // An order that is known only at run time may be one after another.
            sum = match self.stop_order {
                Some(Order::Together) => sum.beside(bound),
                Some(Order::InOrder) | None => sum.then(bound),
            };
            next += 1;
        }
        // Nothing is known of children that are added at run time.
        if self.has_more { sum.then(Bound::Unseen) } else { sum }
    }

    const fn longest_grace(&self, inherited: u64) -> u64 {
        let own = match self.kill_grace {
            Setting::Unset => inherited,
            Setting::Known(time) => milliseconds(clamp_kill_grace(Duration::from_millis(time))),
            Setting::Dynamic => u64::MAX,
        };
        let mut longest = 0;
        let mut next = 0;
        while next < self.children.len() {
            let grace = match &self.children[next].below {
                // A nested supervisor joins its children and is never unresponsive itself, so only
                // the graces of the workers below it count.
                Below::Tree(tree) => tree.longest_grace(own),
                // The constant of that tree is not known here, so its grace may be of any length.
                Below::Elsewhere => u64::MAX,
                Below::Nothing => own,
            };
            if grace > longest {
                longest = grace;
            }
            next += 1;
        }
        longest
    }
}

impl DeclaredChild<'_> {
    /// The worst case of the shutdown of the child and all that is below it.
    #[doc(hidden)]
    #[must_use]
    pub const fn shutdown_bound(&self) -> Bound {
        let shutdown = match self.shutdown {
            Setting::Known(shutdown) => shutdown.normalised(),
            // Every start but a value has a default, so this is a value, whose own options are not
            // visible.
            Setting::Unset => return Bound::Unseen,
            Setting::Dynamic => return Bound::Dynamic,
        };
        let below = match &self.below {
            Below::Tree(tree) => Some(tree.shutdown_bound()),
            Below::Elsewhere => Some(Bound::Elsewhere),
            Below::Nothing => None,
        };
        match (shutdown, below) {
            (Shutdown::BrutalKill, _) => Bound::Known(0),
            (Shutdown::Timeout(time), Some(below)) => below.at_most(milliseconds(time)),
            (Shutdown::Timeout(time), None) => Bound::Known(milliseconds(time)),
            (Shutdown::Infinity, Some(below)) => below,
            (Shutdown::Infinity, None) => Bound::Unbounded,
        }
    }

    /// The time in milliseconds that the child is given to stop, if it has a limit. A time of zero is a
    /// kill on purpose.
    #[doc(hidden)]
    #[must_use]
    pub const fn given_ms(&self) -> Option<u64> {
        match self.shutdown {
            Setting::Known(shutdown) => match shutdown.normalised() {
                Shutdown::Timeout(time) => Some(milliseconds(time)),
                Shutdown::BrutalKill | Shutdown::Infinity => None,
            },
            Setting::Unset | Setting::Dynamic => None,
        }
    }

    /// The reason why the child has no known bound, unless that lies in the tree below it.
    #[doc(hidden)]
    #[must_use]
    pub const fn no_bound(&self) -> Option<NoBound> {
        if let Bound::Known(_) = self.shutdown_bound() {
            return None;
        }
        match (self.shutdown, &self.below) {
            (Setting::Dynamic, _) => Some(NoBound::Dynamic),
            (Setting::Unset, _) => Some(NoBound::Unseen),
            // The unknown part is the time of the tree below, where the reason is found.
            (Setting::Known(_), Below::Tree(_) | Below::Elsewhere) => None,
            // A timeout on a worker is a bound, unless it is so long that `normalised` makes it
            // `infinity`.
            (Setting::Known(Shutdown::Timeout(_)), Below::Nothing) => Some(NoBound::TooLong),
            (Setting::Known(_), Below::Nothing) => Some(NoBound::Infinity),
        }
    }
}

impl DeclaredTree<'_> {
    /// The longest time that a shutdown of the whole tree may take, in milliseconds; `u64::MAX` if the
    /// time has no bound.
    ///
    /// Children stop one after another, so the time is the sum over all of them. Where they stop
    /// [together](crate::Order::Together), it is the longest of them:
    ///
    /// | child | its part |
    /// |---|---|
    /// | `brutal_kill` | 0 |
    /// | a time | that time |
    /// | `infinity` | no bound |
    /// | a nested supervisor with `infinity`, its default | its own sum, or the longest |
    /// | a nested supervisor with a time | the same, but not more than that time |
    /// | a time known only at run time, or a value that sets it itself | no bound |
    /// | what `.child(..)` or `.children(..)` adds behind a tree or a block | no bound |
    ///
    /// The bound holds for children that yield: a child that does not yield cannot be aborted, and adds
    /// up to [`kill_grace_ms`](Self::kill_grace_ms). Children that are added at run time are not
    /// counted, nor is the time that destructors take.
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
    ///
    ///         // The default of a closure is 5 s.
    ///         #[child]
    ///         cache = async |ctx| ctx.cancelled().await,
    ///     }
    /// }
    ///
    /// const _: () = assert!(storage::TREE.worst_case_shutdown_ms() == 25_000);
    /// # drop(storage());
    /// ```
    #[must_use]
    pub const fn worst_case_shutdown_ms(&self) -> u64 {
        match self.shutdown_bound() {
            Bound::Known(time) => time,
            Bound::Elsewhere | Bound::Unseen | Bound::Dynamic | Bound::Unbounded => u64::MAX,
        }
    }

    /// The longest time that one unresponsive child adds to a shutdown, in milliseconds: the longest
    /// kill grace of the supervisors in this tree that have children which may be unresponsive.
    /// `u64::MAX` if one of these is known only at run time; 0 if there are no children.
    ///
    /// A task that does not yield, or a thread that does not check for the request, goes on after its
    /// time is over. The child is called unresponsive after the kill grace of its supervisor, which is
    /// the one of the parent unless the supervisor has its own, and 1 s at the root. Therefore a
    /// shutdown with `n` unresponsive children takes at most `worst_case_shutdown_ms() + n *
    /// kill_grace_ms()`; children that are killed at the same moment, below a nested supervisor
    /// whose time is over, share theirs.
    ///
    /// A grace that a value sets itself, such as a supervisor that is returned by a function, is not
    /// visible. A grace that is set behind a named tree, `storage().kill_grace(time)`, is not known.
    /// This tree is taken for a root, so it inherits 1 s.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::prelude::*;
    ///
    /// supervisor! {
    ///     pub fn storage() -> Supervisor {
    ///         kill_grace = "100ms",
    ///
    ///         #[child]
    ///         pool = async |ctx| ctx.cancelled().await,
    ///     }
    /// }
    ///
    /// const _: () = assert!(storage::TREE.kill_grace_ms() == 100);
    /// # drop(storage());
    /// ```
    #[must_use]
    pub const fn kill_grace_ms(&self) -> u64 {
        self.longest_grace(milliseconds(KILL_GRACE))
    }

    /// Returns whether a shutdown of the whole tree takes no more than this number of milliseconds, by
    /// its [worst case](Self::worst_case_shutdown_ms). A tree without a bound fits in no time.
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
    /// assert!(storage::TREE.fits_within_ms(30_000));
    /// assert!(!storage::TREE.fits_within_ms(10_000));
    /// # drop(storage());
    /// ```
    #[must_use]
    pub const fn fits_within_ms(&self, ms: u64) -> bool {
        match self.shutdown_bound() {
            Bound::Known(time) => time <= ms,
            Bound::Elsewhere | Bound::Unseen | Bound::Dynamic | Bound::Unbounded => false,
        }
    }
}
