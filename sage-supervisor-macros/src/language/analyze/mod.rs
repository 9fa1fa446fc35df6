//! What follows from the tree as a whole: how long it may take to stop.
//!
//! Children stop one after another, so the worst case of a supervisor is the sum over its children.
//! Which children with a `#[cfg(..)]` exist, the compiler knows: it adds up a tree that has such ones.

mod budget;
mod own;
mod pace;
mod reach;
pub(crate) mod storm;

use proc_macro2::Span;

use crate::language::args::Value;
use crate::language::closure;
use crate::language::diag::{Diag, message};
use crate::language::model::{Child, Options, Start, Tree};
use crate::language::time;
use crate::language::words::Shutdown;

/// What a worker is given to stop when nothing is written, in milliseconds.
const WORKER_DEFAULT: u64 = 5_000;

/// The worst case of a shutdown, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Bound {
    Known(u64),
    /// Depends on a named tree, so that the compiler adds it up: see `expand::checks`.
    Elsewhere,
    /// What a start says itself cannot be seen from the block.
    Unseen,
    /// An expression.
    RunTime,
    Unbounded,
    /// Depends on something that was reported.
    Wrong,
}

impl Bound {
    fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_add(b)),
            (Self::Wrong, _) | (_, Self::Wrong) => Self::Wrong,
            (Self::Unbounded, _) | (_, Self::Unbounded) => Self::Unbounded,
            (Self::RunTime, _) | (_, Self::RunTime) => Self::RunTime,
            (Self::Unseen, _) | (_, Self::Unseen) => Self::Unseen,
            (Self::Elsewhere, _) | (_, Self::Elsewhere) => Self::Elsewhere,
        }
    }
}

pub(crate) fn analyze(tree: &Tree, diag: &mut Diag) {
    budget::is_kept(tree, diag);
    let is_reached = reach::of_tree(tree, diag);
    for child in &tree.children {
        diag.enter(child.index);
        // One reason why a limit is out of reach is enough.
        if reach::of_child(child, tree, diag) && is_reached {
            own::limit_can_be_exceeded(child, tree, diag);
        }
        if let Start::Nested(nested) = &child.start {
            has_time_for_its_children(child, nested, diag);
            analyze(nested, diag);
        }
        diag.leave();
    }
}

/// The options of a `#[child]` function, whose supervisor is not known.
pub(crate) fn function(options: &Options, diag: &mut Diag) {
    reach::of_options(options, options.backoff.as_ref(), diag);
}

/// As if all children existed.
pub(crate) fn of_tree(tree: &Tree) -> Bound {
    tree.children.iter().map(of_child).fold(Bound::Known(0), Bound::then)
}

/// Whether the compiler adds it up.
pub(crate) fn is_left_to_compiler(tree: &Tree) -> bool {
    match of_tree(tree) {
        Bound::Elsewhere => true,
        Bound::Wrong => false,
        _ => is_conditional(tree),
    }
}

/// Whether there are named trees in it, or children with a `#[cfg(..)]`.
pub(crate) fn needs_compiler(tree: &Tree) -> bool {
    tree.children.iter().any(|child| match &child.start {
        _ if child.condition().is_some() => true,
        Start::Nested(nested) => needs_compiler(nested),
        start => matches!(start, Start::Named(_)),
    })
}

fn is_conditional(tree: &Tree) -> bool {
    tree.children.iter().any(|child| match &child.start {
        _ if child.condition().is_some() => true,
        Start::Nested(nested) => is_conditional(nested),
        _ => false,
    })
}

pub(crate) fn of_child(child: &Child) -> Bound {
    let nested = match &child.start {
        Start::Nested(nested) => Some(of_tree(nested)),
        Start::Named(_) => Some(Bound::Elsewhere),
        _ => None,
    };
    let shutdown = match &child.options.shutdown {
        Some(Value::Known(shutdown, _)) => Some(shutdown.normalised()),
        Some(Value::Dynamic(_)) => return Bound::RunTime,
        Some(Value::Wrong) => return Bound::Wrong,
        None => None,
    };
    match (shutdown, nested) {
        (Some(Shutdown::BrutalKill), _) => Bound::Known(0),
        (Some(Shutdown::Milliseconds(time)), own) => match own {
            // It may be done before.
            Some(Bound::Known(own)) => Bound::Known(own.min(time)),
            Some(own @ (Bound::Elsewhere | Bound::Wrong)) => own,
            Some(Bound::Unseen | Bound::RunTime | Bound::Unbounded) | None => Bound::Known(time),
        },
        (Some(Shutdown::Infinity) | None, Some(nested)) => nested,
        (Some(Shutdown::Infinity), None) => Bound::Unbounded,
        (None, None) => match child.start {
            Start::Closure(_) => Bound::Known(WORKER_DEFAULT),
            // Meant as a closure, and reported.
            Start::Value(ref value) if closure::is_async_block(value) => {
                Bound::Known(WORKER_DEFAULT)
            }
            Start::Value(_) => Bound::Unseen,
            Start::Nested(_) | Start::Named(_) | Start::Missing => Bound::Wrong,
        },
    }
}

/// The time that is written at its entry, with its place. No time at all is a kill on purpose.
pub(crate) fn given(child: &Child) -> Option<(u64, Span)> {
    let Some(Value::Known(shutdown, at)) = &child.options.shutdown else { return None };
    match shutdown.normalised() {
        Shutdown::Milliseconds(given) if given > 0 => Some((given, *at)),
        _ => None,
    }
}

fn has_time_for_its_children(child: &Child, nested: &Tree, diag: &mut Diag) {
    let Some((given, at)) = given(child) else { return };
    if is_conditional(nested) {
        return;
    }
    let Bound::Known(needed) = of_tree(nested) else { return };
    if given < needed {
        let (name, given, needed) =
            (child.entry_name(), time::display(given), time::display(needed));
        let text =
            format!("`{name}` is given {given} to stop, but its own children may need {needed}");
        let text = message(text)
            .help(format!("remove `shutdown`, or raise it to `\"{needed}\"`"))
            .note("it would be killed while they are still shutting down");
        diag.error(at, text);
    }
}
