//! How long a tree may take to stop.

use std::time::Duration;

use super::{Grace, StaticChild, StaticTree, Written};
use crate::shutdown::{FOREVER, KILL_GRACE, Shutdown};

/// The worst case of a shutdown, in milliseconds.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    Known(u64),
    /// Something of it is not known at compile time.
    Unseen,
    Unbounded,
}

impl Bound {
    /// Children stop one after another.
    const fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_add(b)),
            (Self::Unbounded, _) | (_, Self::Unbounded) => Self::Unbounded,
            _ => Self::Unseen,
        }
    }

    const fn at_most(self, time: u64) -> Self {
        match self {
            Self::Known(own) if own < time => self,
            _ => Self::Known(time),
        }
    }
}

impl StaticTree {
    pub(super) const fn shutdown_bound(&self) -> Bound {
        let mut sum = Bound::Known(0);
        let mut next = 0;
        while next < self.children.len() {
            sum = sum.then(self.children[next].shutdown_bound());
            next += 1;
        }
        sum
    }

    const fn longest_grace(&self, inherited: u64) -> u64 {
        let own = match self.kill_grace {
            Grace::Inherited => inherited,
            Grace::Own(time) => clamp(time),
            Grace::Unknown => u64::MAX,
        };
        let mut longest = 0;
        let mut next = 0;
        while next < self.children.len() {
            let grace = match &self.children[next].tree {
                Some(tree) => tree.longest_grace(own),
                None => own,
            };
            if grace > longest {
                longest = grace;
            }
            next += 1;
        }
        longest
    }
}

impl StaticChild {
    pub(super) const fn shutdown_bound(&self) -> Bound {
        let shutdown = match self.shutdown {
            Written::Known(shutdown) => shutdown.normalised(),
            Written::No | Written::Unknown => return Bound::Unseen,
        };
        match (shutdown, &self.tree) {
            (Shutdown::BrutalKill, _) => Bound::Known(0),
            // What is below it has settings of its own, and may be done before.
            (Shutdown::Timeout(time), Some(tree)) => tree.shutdown_bound().at_most(millis(time)),
            (Shutdown::Timeout(time), None) => Bound::Known(millis(time)),
            (Shutdown::Infinity, Some(tree)) => tree.shutdown_bound(),
            (Shutdown::Infinity, None) => Bound::Unbounded,
        }
    }
}

/// As the engine takes it.
const fn clamp(grace: u64) -> u64 {
    let longest = millis(FOREVER);
    match grace {
        0 => 1,
        _ if grace > longest => longest,
        _ => grace,
    }
}

/// Timers have a resolution of a millisecond, and are never early.
const fn millis(time: Duration) -> u64 {
    let millis = time.as_nanos().div_ceil(1_000_000);
    if millis > u64::MAX as u128 { u64::MAX } else { millis as u64 }
}

impl StaticTree {
    /// How long a shutdown of the whole tree may take at most, in milliseconds; `u64::MAX` if that
    /// has no bound.
    ///
    /// Children stop one after another, so it is the sum over all of them:
    ///
    /// | child | its part |
    /// |---|---|
    /// | `brutal_kill` | 0 |
    /// | a time | that time |
    /// | `infinity` | no bound |
    /// | a nested supervisor with `infinity`, its default | its own sum |
    /// | a nested supervisor with a time | its own sum, but not more than that time |
    /// | known only at run time, or a value that says it itself | no bound |
    ///
    /// It holds for children that yield: one that does not cannot be aborted, and adds up to
    /// [`kill_grace_ms`](Self::kill_grace_ms). Children that are added at run time are not counted,
    /// nor is the time that destructors take.
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
            Bound::Unseen | Bound::Unbounded => u64::MAX,
        }
    }

    /// The most that one unresponsive child adds to the time of a shutdown, in milliseconds: the
    /// longest kill grace of the supervisors in this tree that have such children. `u64::MAX` if one
    /// of them is known only at run time; 0 if there are no children.
    ///
    /// A task that does not yield, or a thread that does not look, goes on when its time is over. It
    /// is called unresponsive after the kill grace of its supervisor, which is its parent's unless it
    /// has its own, and at the root 1 s. So with `n` of them a shutdown takes at most
    /// `worst_case_shutdown_ms() + n * kill_grace_ms()`; several that are killed at the same moment,
    /// below a nested supervisor whose time is over, share theirs.
    ///
    /// What a value says itself, such as a supervisor that comes out of a function, is not seen. One
    /// that is called behind a named tree, `storage().kill_grace(time)`, is not known.
    /// This tree is taken for a root, so what it would inherit is 1 s.
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
        self.longest_grace(millis(KILL_GRACE))
    }

    /// Whether a shutdown of the whole tree takes no more than so many milliseconds, by its
    /// [worst case](Self::worst_case_shutdown_ms). A tree without a bound fits in no time.
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
            Bound::Unseen | Bound::Unbounded => false,
        }
    }
}
