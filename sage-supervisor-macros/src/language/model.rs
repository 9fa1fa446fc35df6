//! What the user meant, with spans.

use proc_macro2::{Ident, Span, TokenStream};

use crate::language::args::{Limit, Value};
use crate::language::backoff::Backoff;
use crate::language::diag::Place;
use crate::language::signature::Signature;
use crate::language::split::Attribute;
use crate::language::words::{AutoShutdown, Restart, Shutdown, Strategy, TemporarySiblings};

/// One `supervisor!` block.
pub(crate) struct Tree {
    pub(crate) place: Place,
    /// The function it is written as.
    pub(crate) function: Option<Ident>,
    pub(crate) name: Option<Value<String>>,
    pub(crate) strategy: Option<Value<Strategy>>,
    pub(crate) max_restarts: Option<Value<Limit>>,
    pub(crate) within: Option<Value<u64>>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) auto_shutdown: Option<Value<AutoShutdown>>,
    pub(crate) keep_alive: Option<Value<bool>>,
    /// With its key.
    pub(crate) temporary_siblings: Option<(Ident, Value<TemporarySiblings>)>,
    pub(crate) kill_grace: Option<Value<u64>>,
    pub(crate) unresponsive_timeout: Option<Value<u64>>,
    pub(crate) shutdown_budget: Option<Value<u64>>,
    pub(crate) children: Vec<Child>,
    /// The calls behind the block, none of which changes how long it may take to stop.
    pub(crate) methods: TokenStream,
}

impl Tree {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            function: None,
            name: None,
            strategy: None,
            max_restarts: None,
            within: None,
            backoff: None,
            auto_shutdown: None,
            keep_alive: None,
            temporary_siblings: None,
            kill_grace: None,
            unresponsive_timeout: None,
            shutdown_budget: None,
            children: Vec::new(),
            methods: TokenStream::new(),
        }
    }

    /// The name in drawings.
    pub(crate) fn title(&self) -> String {
        match &self.name {
            Some(Value::Known(name, _)) => name.clone(),
            _ => self.called(),
        }
    }

    /// What it is called without a name of its own.
    pub(crate) fn called(&self) -> String {
        self.function.as_ref().map_or_else(|| "supervisor".to_owned(), plain)
    }
}

/// A named tree: a function whose body is a block.
pub(crate) struct NamedTree {
    pub(crate) signature: Signature,
    /// `-> Supervisor`, unless it is missing or was reported.
    pub(crate) output: Option<TokenStream>,
    /// The first paragraph of its doc comment, in one line.
    pub(crate) description: String,
    pub(crate) tree: Tree,
}

/// One `#[child(..)] name = start`.
pub(crate) struct Child {
    /// Its place among the entries of its block.
    pub(crate) index: usize,
    /// What passes through to the expansion: `#[cfg(..)]` and lint attributes.
    pub(crate) attributes: Vec<Attribute>,
    /// The first paragraph of its doc comment, in one line.
    pub(crate) description: String,
    pub(crate) name: Ident,
    pub(crate) options: Options,
    pub(crate) start: Start,
}

impl Child {
    /// The name among its siblings with its place, unless it is only known at run time.
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

    /// The name in drawings.
    pub(crate) fn title(&self) -> String {
        self.sibling_name().map_or_else(|| self.entry_name(), |(name, _)| name)
    }

    /// The name of the entry, without the `r#` of a raw identifier.
    pub(crate) fn entry_name(&self) -> String {
        plain(&self.name)
    }

    /// The `#[cfg(..)]`s it carries, as text.
    pub(crate) fn condition(&self) -> Option<String> {
        let conditions = self.conditions().map(|attribute| {
            attribute.arguments().into_iter().collect::<TokenStream>().to_string()
        });
        conditions.reduce(|all, next| all + &next)
    }

    /// The `#[cfg(..)]`s it carries.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path() == "cfg")
    }
}

pub(crate) fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// `clone(a, mut b)` or `lend(a, b)`.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) all: Vec<Ident>,
    /// Those with a `mut` in front of them, which is kept.
    pub(crate) mutable: Vec<(Ident, Ident)>,
    /// What was written in place of a name, and was reported: it is what the name stands for.
    pub(crate) values: Vec<(Ident, TokenStream)>,
}

impl Names {
    /// The `mut` in front of a name.
    pub(crate) fn mutable(&self, name: &Ident) -> Option<&Ident> {
        self.mutable.iter().find(|(known, _)| known == name).map(|(_, word)| word)
    }

    /// What the name stands for, if that is not the variable of this name.
    pub(crate) fn value(&self, name: &Ident) -> Option<&TokenStream> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

pub(crate) fn listed(option: &Option<(Ident, Names)>) -> &[Ident] {
    option.as_ref().map_or(&[], |(_, names)| &names.all)
}

/// The arguments of `#[child(..)]`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) restart: Option<Value<Restart>>,
    pub(crate) shutdown: Option<Value<Shutdown>>,
    /// With its key.
    pub(crate) ready_within: Option<(Ident, Value<u64>)>,
    /// With its key.
    pub(crate) heartbeat: Option<(Ident, Value<u64>)>,
    /// The limit of the child itself.
    pub(crate) max_restarts: Option<Value<u32>>,
    pub(crate) within: Option<Value<u64>>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) significant: Option<Ident>,
    pub(crate) tree: Option<Ident>,
    pub(crate) clone: Option<(Ident, Names)>,
    pub(crate) lend: Option<(Ident, Names)>,
    /// `crate = path`, on functions.
    pub(crate) krate: Option<TokenStream>,
}

/// `db::storage::<T>(config)`
pub(crate) struct Call {
    /// `db::storage`
    pub(crate) path: TokenStream,
    pub(crate) value: TokenStream,
    /// Whether it says so behind the call.
    pub(crate) sets_kill_grace: bool,
}

pub(crate) enum Start {
    /// Called at every start.
    Closure(TokenStream),
    /// A `supervisor! { .. }` in place.
    Nested(Box<Tree>),
    /// The call of a named tree.
    Named(Call),
    /// Evaluated once, to something that is `IntoChild`.
    Value(TokenStream),
    /// Reported.
    Missing,
}
