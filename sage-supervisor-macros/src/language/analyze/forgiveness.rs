//! Restarts that are forgiven only when they do not count any more.
//!
//! An instance that is up for longer than the window of a limit makes up for nothing: the restarts before
//! it have left the window by then. The same holds for a backoff whose delays have begun anew before.

use proc_macro2::Span;
use sage_supervisor_policy::backoff::DEFAULT_RESET_AFTER;
use sage_supervisor_policy::time::milliseconds;

use crate::language::args::{Limit, Value, WITHIN, known};
use crate::language::backoff::{Backoff, Delays};
use crate::language::check::may_wait;
use crate::language::diag::{Diag, message};
use crate::language::model::{Child, Start, Tree};
use crate::language::time;

/// The setting of a supervisor, for all children without one of their own.
pub(super) fn of_tree(tree: &Tree, diag: &mut Diag) {
    let Some(Value::Known(after, at)) = tree.forgive_after else { return };
    // Children that are added later have limits and backoffs of their own.
    if may_wait(tree) {
        return;
    }
    let concerned = tree.children.iter().filter(|child| child.options.forgive_after.is_none());
    let counted = concerned.map(|child| counted_for(child, tree)).collect::<Option<Vec<_>>>();
    if let Some(counted) = counted.and_then(|all| all.into_iter().reduce(Ord::max)) {
        report(after, at, counted, diag);
    }
}

pub(super) fn of_child(child: &Child, tree: &Tree, diag: &mut Diag) {
    let Some(Value::Known(after, at)) = child.options.forgive_after else { return };
    if let Some(counted) = counted_for(child, tree) {
        report(after, at, counted, diag);
    }
}

/// The longest time for which a restart of the child counts for anything. `None` if that is not known.
fn counted_for(child: &Child, tree: &Tree) -> Option<u64> {
    // A value may have a limit and a backoff of its own.
    if let Start::Value(_) | Start::Missing = child.start {
        return None;
    }
    let of_tree = match tree.max_restarts {
        Some(Value::Known(Limit::Unlimited, _)) => 0,
        _ => known(tree.within.as_ref(), WITHIN)?,
    };
    let options = &child.options;
    let own = match (&options.max_restarts, &options.within) {
        (None, None) => 0,
        (_, within) => known(within.as_ref(), WITHIN)?,
    };
    let backoff = options.backoff.as_ref().or(tree.backoff.as_ref());
    let row = backoff.map_or(Some(0), reset_after)?;
    Some(of_tree.max(own).max(row))
}

fn reset_after(backoff: &Backoff) -> Option<u64> {
    let Delays::Exponential(delays) = &backoff.delays else { return None };
    known(delays.reset_after.as_ref(), milliseconds(DEFAULT_RESET_AFTER))
}

fn report(after: u64, at: Span, counted: u64, diag: &mut Diag) {
    // A restart exactly a window ago still counts.
    if after <= counted {
        return;
    }
    let text = message("`forgive_after` has no effect");
    let text = match counted {
        0 => text
            .help("remove it, or set a limit or a backoff")
            .note("without a restart limit and without a backoff no restart counts"),
        _ => text.help(format!("lower it to less than `\"{}\"`", time::display(counted))).note(
            format!(
                "no restart counts for longer than {}, by the window of a limit or the `reset_after` \
                 of a backoff",
                time::display(counted)
            ),
        ),
    };
    diag.error(at, text);
}
