//! The analyses of a whole tree: the time that it may take to stop, limits out of reach, and restarts that
//! are forgiven too late.
//!
//! The policy crate adds up the times. A tree with a `#[cfg(..)]` or with named trees in it is left to
//! the compiler, which knows the children that exist and the constants of the named trees.

mod budget;
mod condition;
mod forgiveness;
mod own;
mod pace;
mod reach;

pub(crate) use self::condition::needs_compiler;

use proc_macro2::Span;
use sage_supervisor_policy::time::milliseconds;
use sage_supervisor_policy::{Bound, DeclaredTree, Shutdown, too_little_time};

use self::condition::is_conditional;
use crate::language::args::Value;
use crate::language::declared::declared;
use crate::language::diag::{Diag, message};
use crate::language::model::{Child, Options, Start, Tree};
use crate::language::time;

pub(crate) fn analyze(tree: &Tree, diag: &mut Diag) {
    declared(tree, |declared| supervisor(tree, declared, diag));
}

fn supervisor(tree: &Tree, declared: &DeclaredTree<'_>, diag: &mut Diag) {
    budget::is_kept(tree, declared, diag);
    let is_reached = reach::of_tree(tree, diag);
    forgiveness::of_tree(tree, diag);
    for (child, declared) in tree.children.iter().zip(declared.children()) {
        diag.enter(child.index);
        forgiveness::of_child(child, tree, diag);
        // A limit that is out of reach is reported once.
        if reach::of_child(child, tree, diag) && is_reached {
            own::limit_can_be_exceeded(child, tree, diag);
        }
        if let (Start::Nested(nested), Some(declared)) = (&child.start, declared.tree()) {
            has_time_for_its_children(child, nested, declared, diag);
            supervisor(nested, declared, diag);
        }
        diag.leave();
    }
}

/// The options of a `#[child]` function, whose supervisor is not known.
pub(crate) fn function(options: &Options, diag: &mut Diag) {
    reach::of_options(options, options.backoff.as_ref(), diag);
}

/// Returns whether the compiler adds up the times of the tree.
pub(crate) fn is_left_to_compiler(tree: &Tree) -> bool {
    is_conditional(tree)
        || declared(tree, |declared| matches!(declared.shutdown_bound(), Bound::Elsewhere))
}

/// The time that is written at the entry, with its place.
pub(crate) fn given(child: &Child) -> Option<(u64, Span)> {
    let Some(Value::Known(shutdown, at)) = &child.options.shutdown else { return None };
    match shutdown.normalised() {
        Shutdown::Timeout(given) => Some((milliseconds(given), *at)),
        Shutdown::BrutalKill | Shutdown::Infinity => None,
    }
}

fn has_time_for_its_children(
    child: &Child,
    nested: &Tree,
    declared: &DeclaredTree<'_>,
    diag: &mut Diag,
) {
    let Some((given, at)) = given(child) else { return };
    if is_conditional(nested) {
        return;
    }
    if let Some(needed) = declared.needs_more_than(given) {
        let text = message(too_little_time(&child.entry_name(), given, needed).as_str())
            .help(format!("remove `shutdown`, or raise it to `\"{}\"`", time::display(needed)))
            .note("it would be killed while they are still shutting down");
        diag.error(at, text);
    }
}
