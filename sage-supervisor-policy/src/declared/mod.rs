//! A tree as it is declared, as plain data, and the analyses of it before anything runs.
//!
//! The data is borrowed: a constant of an expansion borrows literals, and the macros borrow the block
//! that they expand.
//!
//! The analyses are `const fn`s, because the constants of an expansion call them. A `const fn` cannot
//! call the methods of a trait, and therefore has neither `for` loops nor iterators nor `==` between
//! strings: loops count an index, and strings are compared byte by byte.

mod bound;
mod budget;
mod delays;
mod draw;
mod exceeds;
mod graph;
mod names;
mod outage;
mod place;
mod pool;
mod setting;
mod startup;
mod storm;
mod written;

use std::time::Duration;

pub use self::bound::{Bound, NoBound};
pub use self::budget::too_little_time;
pub use self::delays::DeclaredBackoff;
pub use self::names::Sibling;
pub use self::setting::Setting;
pub use self::written::{WrittenChild, WrittenStart, WrittenTree};

use crate::{Order, RestartPolicy, Shutdown, Strategy};

/// A supervision tree as it is declared: plain data, known at compile time.
///
/// Every named tree of [`supervisor!`](../sage_supervisor/macro.supervisor.html) has a declared tree, as
/// the constant `TREE` of an empty enum of its name. All methods are `const`, so that the properties of
/// a tree can be asserted where it is written, even if it is put together from several functions and
/// crates:
///
/// | question | answer |
/// |---|---|
/// | How long may a shutdown take? | [`worst_case_shutdown_ms`](Self::worst_case_shutdown_ms), [`assert_fits_within_ms`](Self::assert_fits_within_ms) |
/// | What may unresponsive children add to that? | [`kill_grace_ms`](Self::kill_grace_ms) |
/// | How long may a start take? | [`worst_case_startup_ms`](Self::worst_case_startup_ms), [`assert_starts_within_ms`](Self::assert_starts_within_ms) |
/// | How often is a child started that keeps failing? | [`max_starts`](Self::max_starts), [`restart_storm`](Self::restart_storm) |
/// | For how long may a child keep failing? | [`gives_up_after_ms`](Self::gives_up_after_ms), [`survives_outage_of`](Self::survives_outage_of) |
///
/// An option that is not written has its default here. An option that is given by an expression is
/// known only at run time, and the options that a value such as `pool(db)` sets itself are not visible:
/// getters return `None` for them, and the analyses assume the worst. Methods that are called on the
/// supervisor behind its declaration are not visible either.
///
/// # Examples
///
/// The [`Display`](std::fmt::Display) of a declared tree is a drawing with a line for each child: its
/// name, its restart policy, the longest time that it takes to stop, the largest number of its starts if
/// it keeps failing, with the shortest time after which the root gives up because of that if a backoff
/// delays the restarts, and the first paragraph of its documentation, cut at 72 characters. An option that
/// is given by an expression, or is not written at a value, is `unknown`. A line without a number of
/// starts has no bound on them: some limit on the way is `"unlimited"`, leaves out the restarts that a
/// backoff delays because nobody has set it, or is known only at run time.
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
pub struct DeclaredTree<'a> {
    name: &'a str,
    /// The name that the tree sets itself; `Unset` if the tree is called like its entry.
    own_name: Setting<&'a str>,
    /// The path of the function that declares a named tree, which differs from all others.
    function: Option<&'a str>,
    description: &'a str,
    /// The restart strategy; `None` if it is known only at run time.
    strategy: Option<Strategy>,
    limit: DeclaredLimit,
    /// The window of the restart limit; `None` if it is known only at run time.
    within: Option<Duration>,
    /// `true` if a part of the limit is written, so that it also counts restarts that are delayed.
    is_limit_set: bool,
    backoff: Setting<DeclaredBackoff>,
    /// The time in milliseconds after which the restarts of a child are forgiven.
    forgive_after: Setting<u64>,
    /// The kill grace in milliseconds; `Unset` if it is the one of the parent.
    kill_grace: Setting<u64>,
    /// The order in which the children start, and that in which they stop; `None` if it is known only at
    /// run time.
    start_order: Option<Order>,
    stop_order: Option<Order>,
    children: &'a [DeclaredChild<'a>],
    /// `true` if children that are made at run time are added behind the declaration.
    has_more: bool,
}

/// An entry of a [`DeclaredTree`].
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
pub struct DeclaredChild<'a> {
    name: &'a str,
    description: &'a str,
    /// The restart policy; `None` if it is known only at run time.
    restart: Option<RestartPolicy>,
    /// The way in which the child is stopped; `Unset` if the start sets it, where it is not visible.
    shutdown: Setting<Shutdown>,
    is_significant: bool,
    /// `true` if the child is significant by its entry, or may be by a start whose options are not
    /// visible.
    may_be_significant: bool,
    /// `true` if the start is a value, which may set options of its own.
    is_value: bool,
    backoff: Setting<DeclaredBackoff>,
    /// The time in milliseconds after which the restarts of the child are forgiven.
    forgive_after: Setting<u64>,
    /// The restart limit of the child itself, and its window; each `None`, or unknown, if it is known only
    /// at run time.
    own_limit: Option<(DeclaredLimit, Option<Duration>)>,
    /// The time in milliseconds in which the child has to be ready.
    ready_within: Setting<u64>,
    /// The number of children in the pool; `Unset` if the entry declares one child.
    instances: Setting<u32>,
    /// `true` if the child is there under a condition alone.
    is_optional: bool,
    below: Below<'a>,
}

/// The tree below a child.
#[derive(Debug, Clone, Copy)]
enum Below<'a> {
    /// The child is no supervisor, or one that is not visible.
    Nothing,
    Tree(DeclaredTree<'a>),
    /// A named tree during an expansion: only the compiler knows its constant.
    Elsewhere,
}

/// The number of restarts that any window of a [`DeclaredTree`] may hold.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{DeclaredLimit, prelude::*};
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
/// assert_eq!(storage::TREE.max_restarts(), DeclaredLimit::Unknown);
/// assert_eq!(web::TREE.max_restarts(), DeclaredLimit::AtMost(5));
/// # drop((storage(1), web()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeclaredLimit {
    /// This number, and one more exceeds the limit.
    AtMost(u32),
    /// There is no limit.
    Unlimited,
    /// The limit is known only at run time.
    Unknown,
}

impl<'a> DeclaredTree<'a> {
    /// The name that is written in the tree. A tree without a name, or with an expression for it, has
    /// the name of its function or its entry, and `supervisor` if it is a block in place.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The path of the function that declares the tree, if that is a named tree.
    #[doc(hidden)]
    #[must_use]
    pub const fn function(&self) -> Option<&'a str> {
        self.function
    }

    /// The first paragraph of the tree's documentation; empty without any.
    #[must_use]
    pub const fn description(&self) -> &'a str {
        self.description
    }

    /// The strategy, which selects the siblings that are restarted with a child. `None` if that is known only at run time.
    #[must_use]
    pub const fn strategy(&self) -> Option<Strategy> {
        self.strategy
    }

    /// The number of restarts that any window may hold.
    #[must_use]
    pub const fn max_restarts(&self) -> DeclaredLimit {
        self.limit
    }

    /// The length of that window. `None` if it is known only at run time; the length has no meaning
    /// without a limit.
    #[must_use]
    pub const fn within(&self) -> Option<Duration> {
        self.within
    }

    /// The order in which the children start. `None` if it is known only at run time.
    #[must_use]
    pub const fn start_order(&self) -> Option<Order> {
        self.start_order
    }

    /// The order in which the children stop. `None` if it is known only at run time.
    #[must_use]
    pub const fn stop_order(&self) -> Option<Order> {
        self.stop_order
    }

    /// The children, in start order.
    #[must_use]
    pub const fn children(&self) -> &'a [DeclaredChild<'a>] {
        self.children
    }
}

impl<'a> DeclaredChild<'a> {
    /// The name of the child, as in [paths](DeclaredTree::max_starts): that of its entry, unless the
    /// child is a supervisor with another name. A name that is an expression is known only at run time,
    /// and the child has the name of its entry here.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The first paragraph of the child's documentation; empty without any.
    #[must_use]
    pub const fn description(&self) -> &'a str {
        self.description
    }

    /// The exits that lead to a restart. `None` if they are known only at run time.
    #[must_use]
    pub const fn restart(&self) -> Option<RestartPolicy> {
        self.restart
    }

    /// The way in which the child is stopped. `None` if it is known only at run time.
    #[must_use]
    pub const fn shutdown(&self) -> Option<Shutdown> {
        match self.shutdown {
            Setting::Known(shutdown) => Some(shutdown),
            Setting::Unset | Setting::Dynamic => None,
        }
    }

    /// The number of children that the entry declares: 1, unless it is a pool. `None` if it is known only at
    /// run time. The children of a pool are called `worker-0`, `worker-1` and so on.
    #[must_use]
    pub const fn instances(&self) -> Option<u32> {
        self.instances.or_default(Some(1))
    }

    /// Returns whether the child is there under a condition alone, which is known only at run time. The
    /// analyses count it as if it were there.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        self.is_optional
    }

    /// Returns whether the end of the child can be that of its supervisor.
    #[must_use]
    pub const fn is_significant(&self) -> bool {
        self.is_significant
    }

    /// The tree below the child, if the child is a supervisor that is visible.
    #[must_use]
    pub const fn tree(&self) -> Option<&DeclaredTree<'a>> {
        match &self.below {
            Below::Tree(tree) => Some(tree),
            Below::Nothing | Below::Elsewhere => None,
        }
    }
}
