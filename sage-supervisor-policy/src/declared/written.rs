//! A declaration as it is written, and the defaults of the options that are left out.
//!
//! `supervisor!` spells these types out as literals in a constant, and fills them with borrowed data
//! during its own analyses; every default is resolved here.

use std::time::Duration;

use super::delays::DeclaredBackoff;
use super::setting::Setting;
use super::{Below, DeclaredChild, DeclaredLimit, DeclaredTree};
use crate::{Order, RestartConfig, RestartPolicy, Shutdown, Strategy};

/// A supervisor as it is written.
#[derive(Debug, Clone, Copy)]
pub struct WrittenTree<'a> {
    /// The name of a supervisor without a name of its own.
    pub name: &'a str,
    /// The name that is written in the block.
    pub own_name: Setting<&'a str>,
    /// The path of the function that declares a named tree, which differs from all others.
    pub function: Option<&'a str>,
    /// The first paragraph of the documentation.
    pub description: &'a str,
    /// The setting `strategy`.
    pub strategy: Setting<Strategy>,
    /// The setting `max_restarts`; `Known(None)` is no limit.
    pub max_restarts: Setting<Option<u32>>,
    /// The setting `within`, in milliseconds.
    pub within_ms: Setting<u64>,
    /// The setting `kill_grace`, in milliseconds.
    pub kill_grace_ms: Setting<u64>,
    /// The entries, in their order.
    pub children: &'a [DeclaredChild<'a>],
}

/// An entry as it is written.
#[derive(Debug, Clone, Copy)]
pub struct WrittenChild<'a> {
    /// The name of the entry.
    pub name: &'a str,
    /// The first paragraph of the documentation.
    pub description: &'a str,
    /// The option `restart`.
    pub restart: Setting<RestartPolicy>,
    /// The option `shutdown`.
    pub shutdown: Setting<Shutdown>,
    /// The option `significant`.
    pub significant: bool,
    /// The start, to the right of the `=`.
    pub start: WrittenStart<'a>,
}

/// The start of an entry.
#[derive(Debug, Clone, Copy)]
pub enum WrittenStart<'a> {
    /// A closure, which takes a context.
    Closure,
    /// A block, or a named tree.
    Nested(DeclaredTree<'a>),
    /// A named tree whose constant only the compiler knows.
    Elsewhere,
    /// Any other value. Its own options are not visible.
    Value,
}

impl<'a> WrittenTree<'a> {
    /// The tree, with a default for every option that is left out.
    #[must_use]
    pub const fn declare(self) -> DeclaredTree<'a> {
        DeclaredTree {
            name: match self.own_name {
                Setting::Known(name) => name,
                Setting::Unset | Setting::Dynamic => self.name,
            },
            own_name: self.own_name,
            function: self.function,
            description: self.description,
            strategy: self.strategy.or_default(Some(Strategy::DEFAULT)),
            limit: match self.max_restarts {
                Setting::Unset => DeclaredLimit::AtMost(RestartConfig::DEFAULT.max_restarts),
                Setting::Known(Some(restarts)) => DeclaredLimit::AtMost(restarts),
                Setting::Known(None) => DeclaredLimit::Unlimited,
                Setting::Dynamic => DeclaredLimit::Unknown,
            },
            within: match self.within_ms {
                Setting::Unset => Some(RestartConfig::DEFAULT.within),
                Setting::Known(time) => Some(Duration::from_millis(time)),
                Setting::Dynamic => None,
            },
            is_limit_set: !matches!(
                (self.max_restarts, self.within_ms),
                (Setting::Unset, Setting::Unset)
            ),
            backoff: Setting::Unset,
            forgive_after: Setting::Unset,
            // The default depends on the parent, which is not known here.
            kill_grace: self.kill_grace_ms,
            start_order: Some(Order::DEFAULT),
            stop_order: Some(Order::DEFAULT),
            children: self.children,
            has_more: false,
        }
    }
}

impl<'a> WrittenChild<'a> {
    /// The child, with a default for every option that is left out.
    #[must_use]
    pub const fn declare(self) -> DeclaredChild<'a> {
        let (restart, shutdown, below) = match self.start {
            WrittenStart::Closure => (
                Some(RestartPolicy::OF_WORKER),
                Setting::Known(Shutdown::OF_WORKER),
                Below::Nothing,
            ),
            WrittenStart::Nested(tree) => (
                Some(RestartPolicy::OF_SUPERVISOR),
                Setting::Known(Shutdown::OF_SUPERVISOR),
                Below::Tree(tree),
            ),
            WrittenStart::Elsewhere => (
                Some(RestartPolicy::OF_SUPERVISOR),
                Setting::Known(Shutdown::OF_SUPERVISOR),
                Below::Elsewhere,
            ),
            // The options of the value itself are in force where the entry has none, and are not
            // visible. No default is filled in.
            WrittenStart::Value => (None, Setting::Unset, Below::Nothing),
        };
        DeclaredChild {
            name: match &below {
                Below::Tree(tree) => tree.name_or_entry(self.name),
                // Only the compiler knows the name of a named tree. Until then, the name of the
                // entry stands for it.
                Below::Nothing | Below::Elsewhere => self.name,
            },
            description: self.description,
            restart: self.restart.or_default(restart),
            shutdown: match self.shutdown {
                Setting::Unset => shutdown,
                written => written,
            },
            is_significant: self.significant,
            // The start of a value may mark it as significant, which its entry cannot undo.
            may_be_significant: self.significant || matches!(self.start, WrittenStart::Value),
            is_value: matches!(self.start, WrittenStart::Value),
            backoff: Setting::Unset,
            forgive_after: Setting::Unset,
            own_limit: None,
            ready_within: Setting::Unset,
            instances: Setting::Unset,
            is_optional: false,
            below,
        }
    }
}

impl DeclaredTree<'_> {
    /// The tree with `.kill_grace(..)` behind its call.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_unknown_grace(self) -> Self {
        Self { kill_grace: Setting::Dynamic, ..self }
    }

    /// The tree with `.child(..)` or `.children(..)` behind it.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_more_children(self) -> Self {
        Self { has_more: true, ..self }
    }
}

impl DeclaredTree<'_> {
    /// The tree with this backoff.
    #[doc(hidden)]
    #[must_use]
    pub const fn delayed(self, backoff: Setting<DeclaredBackoff>) -> Self {
        Self { backoff, ..self }
    }

    /// The tree with these orders.
    #[doc(hidden)]
    #[must_use]
    pub const fn ordered(self, start: Setting<Order>, stop: Setting<Order>) -> Self {
        let (start_order, stop_order) =
            (start.or_default(Some(Order::DEFAULT)), stop.or_default(Some(Order::DEFAULT)));
        Self { start_order, stop_order, ..self }
    }

    /// The tree with this time in milliseconds after which restarts are forgiven.
    #[doc(hidden)]
    #[must_use]
    pub const fn forgiving(self, forgive_after: Setting<u64>) -> Self {
        Self { forgive_after, ..self }
    }
}

impl DeclaredChild<'_> {
    /// The child with this backoff.
    #[doc(hidden)]
    #[must_use]
    pub const fn delayed(self, backoff: Setting<DeclaredBackoff>) -> Self {
        Self { backoff, ..self }
    }

    /// The child as a pool of so many, or under a condition.
    #[doc(hidden)]
    #[must_use]
    pub const fn pooled(self, instances: Setting<u32>, is_optional: bool) -> Self {
        Self { instances, is_optional, ..self }
    }

    /// The child with this time in milliseconds after which its restarts are forgiven.
    #[doc(hidden)]
    #[must_use]
    pub const fn forgiving(self, forgive_after: Setting<u64>) -> Self {
        Self { forgive_after, ..self }
    }
}
