//! A tree as it is declared, as const data, and what follows from that before anything runs.

// Public for the macros only.
mod budget;
#[doc(hidden)]
mod data;
mod draw;
#[doc(hidden)]
mod names;
mod place;
mod shutdown;
mod storm;
mod text;

use std::time::Duration;

pub use self::data::{
    DeclaredChild, DeclaredStart, DeclaredSupervisor, Written, with_unknown_grace,
};
pub use self::names::Sibling;

use crate::restart::RestartPolicy;
use crate::shutdown::Shutdown;
use crate::strategy::Strategy;

/// A supervision tree as it is declared: plain data, known at compile time.
///
/// Every named tree of [`supervisor!`](macro@crate::supervisor) has one, as the constant `TREE` of
/// an empty enum of its name. All its methods are `const`, so what follows from a tree can be asserted where
/// it is written, also of one that is put together from several functions and crates:
///
/// | question | answer |
/// |---|---|
/// | How long may a shutdown take? | [`worst_case_shutdown_ms`](Self::worst_case_shutdown_ms), [`assert_fits_within_ms`](Self::assert_fits_within_ms) |
/// | What may unresponsive children add to that? | [`kill_grace_ms`](Self::kill_grace_ms) |
/// | How often is a child started that keeps failing? | [`max_starts`](Self::max_starts), [`restart_storm`](Self::restart_storm) |
///
/// All that is not written has its default here. What is given by an expression is known only at run
/// time, and what a value such as `pool(db)` says itself is not seen: getters answer with `None`, and
/// the analyses as if the worst were so. Methods that are called on the supervisor behind its
/// declaration are not seen either.
///
/// # Examples
///
/// Its [`Display`](std::fmt::Display) is a drawing, with a line for each child: name, restart policy, how
/// long it may take to stop, how often it is started at most if it keeps failing, and the first
/// paragraph of its documentation, of which a long one is cut at 72 characters. What is given by an
/// expression, or not written at a value, is `unknown`. Where no number of starts stands, they have no
/// bound: some limit on the way is `"unlimited"`, or known only at run time.
///
/// ```
/// use sage_supervisor::prelude::*;
///
/// supervisor! {
///     pub fn app() -> Supervisor {
///         /// Accepts connections.
///         #[child]
///         listener = async |ctx| ctx.cancelled().await,
///
///         #[child]
///         storage = supervisor! {
///             max_restarts = 3,
///
///             /// Connections to the database.
///             #[child(shutdown = "20s")]
///             pool = async |ctx| ctx.cancelled().await,
///
///             #[child(restart = "temporary", shutdown = "10s")]
///             warm_up = async |_| {},
///         },
///     }
/// }
///
/// const _: () = app::TREE.assert_fits_within_ms(35_000);
///
/// let drawing = "\
/// app            one_for_one, 5 restarts in 1m, 35s to stop
/// ├─ listener    permanent   5s to stop   6 starts  Accepts connections.
/// └─ storage     transient  30s to stop   6 starts
///    ├─ pool     permanent  20s to stop  24 starts  Connections to the database.
///    └─ warm_up  temporary  10s to stop    1 start";
/// assert_eq!(app::TREE.to_string(), drawing);
/// # drop(app());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StaticTree {
    name: &'static str,
    /// Unless it is called as its entry.
    own_name: Written<&'static str>,
    /// What tells a named tree from all others.
    function: Option<&'static str>,
    description: &'static str,
    /// `None`: known only at run time.
    strategy: Option<Strategy>,
    limit: StaticLimit,
    /// `None`: known only at run time.
    within: Option<Duration>,
    kill_grace: Grace,
    children: &'static [StaticChild],
}

/// One entry of a [`StaticTree`].
///
/// # Examples
///
/// ```
/// use sage_supervisor::prelude::*;
///
/// supervisor! {
///     pub fn storage() -> Supervisor {
///         /// Connections to the database.
///         #[child(shutdown = "brutal_kill")]
///         pool = async |ctx| ctx.cancelled().await,
///     }
/// }
///
/// let [pool] = storage::TREE.children() else { panic!("there is one") };
/// assert_eq!((pool.name(), pool.description()), ("pool", "Connections to the database."));
/// assert_eq!(pool.restart(), Some(RestartPolicy::Permanent));
/// assert_eq!(pool.shutdown(), Some(Shutdown::BrutalKill));
/// # drop(storage());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StaticChild {
    name: &'static str,
    description: &'static str,
    /// `None`: known only at run time.
    restart: Option<RestartPolicy>,
    /// `No`: what it says itself cannot be seen.
    shutdown: Written<Shutdown>,
    is_significant: bool,
    /// By itself, which is not seen of a value, or by its entry.
    may_be_significant: bool,
    tree: Option<StaticTree>,
}

/// How many restarts any window of a [`StaticTree`] may hold.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{StaticLimit, prelude::*};
///
/// supervisor! {
///     fn storage(restarts: u32) -> Supervisor {
///         max_restarts = restarts,
///
///         #[child]
///         pool = async |ctx| ctx.cancelled().await,
///     }
///
///     fn web() -> Supervisor {
///         #[child]
///         listener = async |ctx| ctx.cancelled().await,
///     }
/// }
///
/// assert_eq!(storage::TREE.max_restarts(), StaticLimit::Unknown);
/// assert_eq!(web::TREE.max_restarts(), StaticLimit::AtMost(5));
/// # drop((storage(1), web()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaticLimit {
    /// So many, and one more is too many.
    AtMost(u32),
    /// There is no limit.
    Unlimited,
    /// It is known only at run time.
    Unknown,
}

#[derive(Debug, Clone, Copy)]
enum Grace {
    /// The parent's.
    Inherited,
    /// Milliseconds.
    Own(u64),
    /// Known only at run time.
    Unknown,
}

impl StaticTree {
    /// The name that is written in it. Without one, and with one that is an expression, it is that
    /// of its function or its entry, and `supervisor` if it is a block in place.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What tells the function that made it from all others.
    pub(crate) const fn function(&self) -> Option<&'static str> {
        self.function
    }

    /// What its documentation says; empty without any.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// Whom a failure takes along. `None` if that is known only at run time.
    #[must_use]
    pub const fn strategy(&self) -> Option<Strategy> {
        self.strategy
    }

    /// How many restarts any window may hold.
    #[must_use]
    pub const fn max_restarts(&self) -> StaticLimit {
        self.limit
    }

    /// The length of that window. `None` if it is known only at run time; it means nothing without a
    /// limit.
    #[must_use]
    pub const fn within(&self) -> Option<Duration> {
        self.within
    }

    /// Its children, in start order.
    #[must_use]
    pub const fn children(&self) -> &'static [StaticChild] {
        self.children
    }
}

impl StaticChild {
    /// Its name, as in [paths](StaticTree::max_starts): that of its entry, unless it is a supervisor
    /// with another one. That of an expression is known only at run time, and the entry goes by its
    /// own here.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What its documentation says; empty without any.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// Which exits lead to a restart. `None` if that is known only at run time.
    #[must_use]
    pub const fn restart(&self) -> Option<RestartPolicy> {
        self.restart
    }

    /// How it is stopped. `None` if that is known only at run time.
    #[must_use]
    pub const fn shutdown(&self) -> Option<Shutdown> {
        match self.shutdown {
            Written::Known(shutdown) => Some(shutdown),
            Written::No | Written::Unknown => None,
        }
    }

    /// Whether its end can be that of its supervisor.
    #[must_use]
    pub const fn is_significant(&self) -> bool {
        self.is_significant
    }

    /// The tree below it, if it is a supervisor that can be seen.
    #[must_use]
    pub const fn tree(&self) -> Option<&StaticTree> {
        self.tree.as_ref()
    }
}
