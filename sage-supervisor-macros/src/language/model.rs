//! The model: the meaning of a block, with the spans of the user's tokens.

use proc_macro2::{Ident, Span, TokenStream};
use sage_supervisor_policy::{
    AutoShutdown, Order, RestartPolicy, Shutdown, Strategy, TemporarySiblings,
};

use crate::language::args::{Limit, Value, known};
use crate::language::backoff::Backoff;
use crate::language::diag::Place;
use crate::language::signature::Signature;
use crate::language::split::Attribute;

/// A block: the settings and children of a supervisor.
pub(crate) struct Tree {
    pub(crate) place: Place,
    /// The name of the function, if the block is a named tree.
    pub(crate) function: Option<Ident>,
    pub(crate) name: Option<Value<String>>,
    pub(crate) strategy: Option<Value<Strategy>>,
    /// The order in which the children start, and that in which they stop.
    pub(crate) start: Option<Value<Order>>,
    pub(crate) stop: Option<Value<Order>>,
    pub(crate) max_restarts: Option<Value<Limit>>,
    pub(crate) within: Option<Value<u64>>,
    pub(crate) forgive_after: Option<Value<u64>>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) auto_shutdown: Option<Value<AutoShutdown>>,
    pub(crate) keep_alive: Option<Value<bool>>,
    /// The value, and its key for messages.
    pub(crate) temporary_siblings: Option<(Ident, Value<TemporarySiblings>)>,
    pub(crate) kill_grace: Option<Value<u64>>,
    pub(crate) unresponsive_timeout: Option<Value<u64>>,
    pub(crate) child_spans: Option<Value<bool>>,
    /// The value, and its key for messages.
    pub(crate) tolerate_unclean_stop: Option<(Ident, Value<bool>)>,
    pub(crate) shutdown_budget: Option<Value<u64>>,
    pub(crate) children: Vec<Child>,
    /// The method calls behind the block.
    pub(crate) methods: TokenStream,
}

impl Tree {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            function: None,
            name: None,
            strategy: None,
            start: None,
            stop: None,
            max_restarts: None,
            within: None,
            forgive_after: None,
            backoff: None,
            auto_shutdown: None,
            keep_alive: None,
            temporary_siblings: None,
            kill_grace: None,
            unresponsive_timeout: None,
            child_spans: None,
            tolerate_unclean_stop: None,
            shutdown_budget: None,
            children: Vec::new(),
            methods: TokenStream::new(),
        }
    }

    /// Returns the strategy, unless it is an expression or was reported.
    pub(crate) fn known_strategy(&self) -> Option<Strategy> {
        known(self.strategy.as_ref(), Strategy::DEFAULT)
    }

    /// Returns the default name of the supervisor.
    pub(crate) fn called(&self) -> String {
        self.function.as_ref().map_or_else(|| "supervisor".to_owned(), plain)
    }
}

/// A named tree: a function whose body is a block.
pub(crate) struct NamedTree {
    pub(crate) signature: Signature,
    /// The return type `-> Supervisor`, unless it is missing or was reported.
    pub(crate) output: Option<TokenStream>,
    /// The first paragraph of the doc comment, in one line.
    pub(crate) description: String,
    /// The statements in front of the entries. `None` if one of them ends the function, which was
    /// reported.
    pub(crate) statements: Option<TokenStream>,
    /// The settings and children behind them, as they were written.
    pub(crate) entries: TokenStream,
    pub(crate) tree: Tree,
}

/// A child: `#[child(..)] name = start`.
pub(crate) struct Child {
    /// The index of the child among the entries of its block.
    pub(crate) index: usize,
    /// The attributes that the expansion repeats: `#[cfg(..)]` and lint attributes.
    pub(crate) attributes: Vec<Attribute>,
    /// The first paragraph of the doc comment, in one line.
    pub(crate) description: String,
    pub(crate) name: Ident,
    pub(crate) options: Options,
    pub(crate) start: Start,
}

impl Child {
    /// Returns the name of the child among its siblings and the place of the name, or `None` if the
    /// name is only known at run time.
    pub(crate) fn sibling_name(&self) -> Option<(String, Span)> {
        if let Start::Nested(tree) = &self.start {
            match &tree.name {
                Some(Value::Known(name, at)) => return Some((name.clone(), *at)),
                Some(_) => return None,
                None => {}
            }
        }
        Some((self.entry_name(), self.name.span()))
    }

    /// Returns the name of the entry, without the `r#` of a raw identifier.
    pub(crate) fn entry_name(&self) -> String {
        plain(&self.name)
    }

    /// Returns the `#[cfg(..)]`s of the child as text, which is compared with that of siblings.
    pub(crate) fn condition(&self) -> Option<String> {
        let conditions = self.conditions().map(|attribute| {
            attribute.arguments().into_iter().collect::<TokenStream>().to_string()
        });
        conditions.reduce(|all, next| all + &next)
    }

    /// Returns the `#[cfg(..)]`s of the child.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path() == "cfg")
    }
}

/// Returns the identifier without the `r#` of a raw one.
pub(crate) fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// The names of a list: `clone(a, mut b)` or `lend(a, b)`.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) all: Vec<Ident>,
    /// The names with a `mut` in front of them, and that word. The expansion repeats the `mut`.
    pub(crate) mutable: Vec<(Ident, Ident)>,
    /// The expressions that were written, and reported, in place of a name.
    pub(crate) values: Vec<(Ident, TokenStream)>,
}

impl Names {
    /// Returns the `mut` in front of a name.
    pub(crate) fn mutable(&self, name: &Ident) -> Option<&Ident> {
        self.mutable.iter().find(|(known, _)| known == name).map(|(_, word)| word)
    }

    /// Returns the expression that was written in place of a name.
    pub(crate) fn value(&self, name: &Ident) -> Option<&TokenStream> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// Returns the names of a list that may not be given.
pub(crate) fn listed(option: &Option<(Ident, Names)>) -> &[Ident] {
    option.as_ref().map_or(&[], |(_, names)| &names.all)
}

/// The arguments of `#[child(..)]`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) restart: Option<Value<RestartPolicy>>,
    pub(crate) shutdown: Option<Value<Shutdown>>,
    /// The value, and its key for messages.
    pub(crate) ready_within: Option<(Ident, Value<u64>)>,
    /// The value, and its key for messages.
    pub(crate) heartbeat: Option<(Ident, Value<u64>)>,
    /// The period of the work, and its key for messages.
    pub(crate) every: Option<(Ident, Value<u64>)>,
    /// The restart limit of the child itself.
    pub(crate) max_restarts: Option<Value<u32>>,
    pub(crate) within: Option<Value<u64>>,
    pub(crate) forgive_after: Option<Value<u64>>,
    pub(crate) backoff: Option<Backoff>,
    /// The predicate over the errors of the child.
    pub(crate) give_up_if: Option<TokenStream>,
    pub(crate) significant: Option<Ident>,
    /// The number of children in the pool, and its key for messages.
    pub(crate) instances: Option<(Ident, Value<u32>)>,
    /// The condition under which there is such a child.
    pub(crate) when: Option<Value<bool>>,
    /// The key, and the value from which the child is made.
    pub(crate) version: Option<(Ident, TokenStream)>,
    pub(crate) tree: Option<Ident>,
    pub(crate) clone: Option<(Ident, Names)>,
    pub(crate) lend: Option<(Ident, Names)>,
    /// The path of the runtime crate from `crate = path`, which only functions take.
    pub(crate) krate: Option<TokenStream>,
}

/// The call of a named tree, such as `db::storage::<T>(config)`.
pub(crate) struct Call {
    /// The path of the function without its generic arguments: `db::storage`.
    pub(crate) path: TokenStream,
    pub(crate) value: TokenStream,
    /// Set if `.kill_grace(..)` follows the call.
    pub(crate) sets_kill_grace: bool,
    /// Set if `.child(..)` or `.children(..)` follows the call.
    pub(crate) adds_children: bool,
}

/// The part of a child behind the `=`.
pub(crate) enum Start {
    /// A closure, which is called at every start.
    Closure(TokenStream),
    /// A nested block.
    Nested(Box<Tree>),
    /// The call of a named tree, marked with `tree`.
    Named(Call),
    /// Any other expression. It is evaluated once, to a value that is `IntoChild`.
    Value(TokenStream),
    /// A start that is missing or was reported.
    Missing,
}
