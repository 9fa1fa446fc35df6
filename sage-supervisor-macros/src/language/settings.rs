//! The settings of a supervisor.

use crate::language::args::{self, Seen};
use crate::language::backoff;
use crate::language::diag::{Diag, message};
use crate::language::model::Tree;
use crate::language::split::Entry;
use crate::language::words::{AUTO_SHUTDOWN, ORDER, STRATEGY, TEMPORARY_SIBLINGS};

pub(crate) const SETTINGS: [&str; 16] = [
    "name",
    "strategy",
    "start",
    "stop",
    "max_restarts",
    "within",
    "forgive_after",
    "backoff",
    "auto_shutdown",
    "keep_alive",
    "temporary_siblings",
    "kill_grace",
    "unresponsive_timeout",
    "child_spans",
    "tolerate_unclean_stop",
    "shutdown_budget",
];

/// Reads one setting of a block.
pub(crate) fn read(entry: Entry, tree: &mut Tree, seen: &mut Seen, diag: &mut Diag) {
    let Entry { attributes, key, form } = entry;
    for attribute in &attributes {
        let text = match attribute.path().as_str() {
            "doc" => {
                message("a setting takes no documentation").help("write the comment with `//`")
            }
            path => message(format!("`#[{path}]` has no meaning on a setting")),
        };
        diag.error(attribute.place(), text);
    }
    if let Some(child) = tree.children.first() {
        let help = format!("move `{key}` above `{}`", child.name);
        diag.error(&key, message("settings come before children").help(help));
    }
    if !seen.first(&key, diag) {
        return;
    }
    match key.to_string().as_str() {
        "name" => tree.name = Some(args::text(&key, form, diag)),
        "strategy" => tree.strategy = Some(args::word(&STRATEGY, &key, form, diag)),
        "start" => tree.start = Some(args::word(&ORDER, &key, form, diag)),
        "stop" => tree.stop = Some(args::word(&ORDER, &key, form, diag)),
        "max_restarts" => tree.max_restarts = Some(args::limit(&key, form, diag)),
        "within" => tree.within = Some(args::duration(&key, form, diag)),
        "forgive_after" => tree.forgive_after = Some(args::duration(&key, form, diag)),
        "backoff" => tree.backoff = Some(backoff::read(&key, form, diag)),
        "auto_shutdown" => tree.auto_shutdown = Some(args::word(&AUTO_SHUTDOWN, &key, form, diag)),
        "keep_alive" => tree.keep_alive = Some(args::flag(&key, form, diag)),
        "temporary_siblings" => {
            let value = args::word(&TEMPORARY_SIBLINGS, &key, form, diag);
            tree.temporary_siblings = Some((key, value));
        }
        "kill_grace" => tree.kill_grace = Some(args::duration(&key, form, diag)),
        "unresponsive_timeout" => {
            tree.unresponsive_timeout = Some(args::duration(&key, form, diag));
        }
        "child_spans" => tree.child_spans = Some(args::flag(&key, form, diag)),
        "tolerate_unclean_stop" => {
            let value = args::flag(&key, form, diag);
            tree.tolerate_unclean_stop = Some((key, value));
        }
        // `lower` only passes keys that are in `SETTINGS`, so this is the last of them.
        _ => tree.shutdown_budget = Some(args::duration(&key, form, diag)),
    }
}
