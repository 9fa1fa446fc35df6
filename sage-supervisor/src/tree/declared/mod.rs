//! A tree as it is declared, as const data, and what follows from that before anything runs.

// Public for the macros only.
mod budget;
#[doc(hidden)]
mod data;
mod draw;
mod place;
mod shutdown;
mod storm;
mod text;

use std::time::Duration;

pub use self::data::{DeclaredChild, DeclaredStart, DeclaredSupervisor, Written};

use crate::restart::RestartPolicy;
use crate::shutdown::Shutdown;
use crate::strategy::Strategy;

/// A supervision tree as it is declared, known at compile time.
#[derive(Debug, Clone, Copy)]
pub struct StaticTree {
    name: &'static str,
    description: &'static str,
    /// `None`: known only at run time.
    strategy: Option<Strategy>,
    limit: Limit,
    /// `None`: known only at run time.
    within: Option<Duration>,
    kill_grace: Grace,
    children: &'static [StaticChild],
}

/// An entry of a [`StaticTree`].
#[derive(Debug, Clone, Copy)]
pub struct StaticChild {
    name: &'static str,
    description: &'static str,
    /// `None`: known only at run time.
    restart: Option<RestartPolicy>,
    /// `No`: what it says itself cannot be seen.
    shutdown: Written<Shutdown>,
    is_significant: bool,
    tree: Option<StaticTree>,
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    AtMost(u32),
    Unlimited,
    /// Known only at run time.
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
    /// Its name: that of its entry, unless it has one of its own.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
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

    /// How many restarts any window may hold. `u64::MAX` without a limit, and if it is known only at
    /// run time.
    #[must_use]
    pub const fn max_restarts(&self) -> u64 {
        match self.limit {
            Limit::AtMost(restarts) => restarts as u64,
            Limit::Unlimited | Limit::Unknown => u64::MAX,
        }
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
    /// Its name.
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
