//! Rules over limits and backoff of children that are never restarted.

use sage_supervisor_policy::Strategy;

use super::facts::{is_temporary, may_wait};
use crate::language::args::Value;
use crate::language::diag::{Diag, Place, message};
use crate::language::model::{Child, Options, Tree};

/// Reports settings about restarts in a supervisor that only has temporary children.
pub(super) fn settings_have_an_effect(tree: &Tree, diag: &mut Diag) {
    if tree.children.is_empty() || may_wait(tree) || !tree.children.iter().all(is_temporary) {
        return;
    }
    for (key, at) in [
        ("max_restarts", tree.max_restarts.as_ref().and_then(Value::place)),
        ("within", tree.within.as_ref().and_then(Value::place)),
        ("forgive_after", tree.forgive_after.as_ref().and_then(Value::place)),
        ("backoff", tree.backoff.as_ref().map(|backoff| (&backoff.key).into())),
    ] {
        // A single message is enough: all of these settings are useless for the same reason.
        if let Some(at) = at {
            let text = message(format!("`{key}` has no effect: every child is temporary"))
                .help("remove it, or make a child that is to be restarted `\"transient\"`")
                .note("a temporary child is never restarted, so there is nothing to count");
            return diag.error(at, text);
        }
    }
}

/// Reports options about restarts on a temporary child that no sibling restarts with it: a temporary
/// child is restarted only as a member of a group.
pub(super) fn options_have_an_effect(child: &Child, tree: &Tree, diag: &mut Diag) {
    if !is_temporary(child) || is_in_a_group(child, tree) {
        return;
    }
    let Options { max_restarts, within, forgive_after, backoff, .. } = &child.options;
    let rule = match tree.known_strategy() {
        Some(Strategy::OneForOne) => "a temporary child is never restarted under `one_for_one`",
        _ => "a temporary child is restarted only with a sibling, and no sibling restarts this one",
    };
    for (key, at) in [
        ("max_restarts", max_restarts.as_ref().and_then(Value::place)),
        ("within", within.as_ref().and_then(Value::place)),
        ("forgive_after", forgive_after.as_ref().and_then(Value::place)),
        ("backoff", backoff.as_ref().map(|backoff| Place::from(&backoff.key))),
    ] {
        if let Some(at) = at {
            let text = message(format!("`{key}` has no effect on a temporary child"))
                .help("remove it, or choose `restart = \"transient\"`")
                .note(rule);
            diag.error(at, text);
        }
    }
}

/// Returns whether the restart of a sibling may include this child.
fn is_in_a_group(child: &Child, tree: &Tree) -> bool {
    let others = || tree.children.iter().filter(|other| !is_temporary(other));
    match tree.known_strategy() {
        Some(Strategy::OneForOne) => false,
        // A child that is added later may restart the whole group.
        Some(Strategy::OneForAll) => may_wait(tree) || others().next().is_some(),
        // Only children above this one restart it, and children that are added later come behind
        // it.
        Some(Strategy::RestForOne) => others().any(|other| other.index < child.index),
        None => true,
    }
}
