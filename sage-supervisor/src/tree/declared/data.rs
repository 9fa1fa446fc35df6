//! What is written of a tree, and what holds where nothing is.
//!
//! `supervisor!` spells these types out as literals, in const context; every default is resolved
//! here, in one place.

use std::time::Duration;

use super::{Grace, StaticChild, StaticLimit, StaticTree};
use crate::restart::{RestartConfig, RestartPolicy};
use crate::shutdown::Shutdown;
use crate::strategy::Strategy;

/// One option of a declaration.
#[derive(Debug, Clone, Copy)]
pub enum Written<T> {
    /// It is left out.
    No,
    /// A literal.
    Known(T),
    /// An expression, whose value is known only at run time.
    Unknown,
}

/// A supervisor as it is written.
#[derive(Debug, Clone, Copy)]
pub struct DeclaredSupervisor {
    /// What it is called without a name of its own.
    pub name: &'static str,
    pub own_name: Written<&'static str>,
    /// What tells a named tree from all others.
    pub function: Option<&'static str>,
    pub description: &'static str,
    pub strategy: Written<Strategy>,
    /// `Known(None)` is no limit.
    pub max_restarts: Written<Option<u32>>,
    pub within_ms: Written<u64>,
    pub kill_grace_ms: Written<u64>,
    pub children: &'static [StaticChild],
}

/// An entry as it is written.
#[derive(Debug, Clone, Copy)]
pub struct DeclaredChild {
    /// That of the entry.
    pub name: &'static str,
    pub description: &'static str,
    pub restart: Written<RestartPolicy>,
    pub shutdown: Written<Shutdown>,
    pub significant: bool,
    pub start: DeclaredStart,
}

/// What stands right of the `=`.
#[derive(Debug, Clone, Copy)]
pub enum DeclaredStart {
    /// A closure, which takes a context.
    Closure,
    /// A block, or a named tree.
    Nested(StaticTree),
    /// Anything else. What it says itself cannot be seen.
    Value,
}

impl DeclaredSupervisor {
    #[must_use]
    pub const fn tree(self) -> StaticTree {
        StaticTree {
            name: match self.own_name {
                Written::Known(name) => name,
                Written::No | Written::Unknown => self.name,
            },
            own_name: self.own_name,
            function: self.function,
            description: self.description,
            strategy: or_default(self.strategy, Some(Strategy::OneForOne)),
            limit: match self.max_restarts {
                Written::No => StaticLimit::AtMost(RestartConfig::DEFAULT.max_restarts),
                Written::Known(Some(restarts)) => StaticLimit::AtMost(restarts),
                Written::Known(None) => StaticLimit::Unlimited,
                Written::Unknown => StaticLimit::Unknown,
            },
            within: match self.within_ms {
                Written::No => Some(RestartConfig::DEFAULT.within),
                Written::Known(time) => Some(Duration::from_millis(time)),
                Written::Unknown => None,
            },
            kill_grace: match self.kill_grace_ms {
                Written::No => Grace::Inherited,
                Written::Known(time) => Grace::Own(time),
                Written::Unknown => Grace::Unknown,
            },
            children: self.children,
        }
    }
}

impl DeclaredChild {
    #[must_use]
    pub const fn child(self) -> StaticChild {
        let is_value = matches!(self.start, DeclaredStart::Value);
        let (restart, shutdown, tree) = match self.start {
            DeclaredStart::Closure => {
                (Some(RestartPolicy::Permanent), Written::Known(Shutdown::DEFAULT), None)
            }
            DeclaredStart::Nested(tree) => {
                (Some(RestartPolicy::Transient), Written::Known(Shutdown::Infinity), Some(tree))
            }
            DeclaredStart::Value => (None, Written::No, None),
        };
        StaticChild {
            name: StaticChild::name_of(self.name, tree.as_ref()),
            description: self.description,
            restart: or_default(self.restart, restart),
            shutdown: match self.shutdown {
                Written::No => shutdown,
                written => written,
            },
            is_significant: self.significant,
            may_be_significant: self.significant || is_value,
            tree,
        }
    }
}

/// A tree with `.kill_grace(..)` behind its call.
#[must_use]
pub const fn with_unknown_grace(tree: StaticTree) -> StaticTree {
    StaticTree { kill_grace: Grace::Unknown, ..tree }
}

/// `None` is what is known only at run time.
const fn or_default<T: Copy>(written: Written<T>, default: Option<T>) -> Option<T> {
    match written {
        Written::No => default,
        Written::Known(value) => Some(value),
        Written::Unknown => None,
    }
}
