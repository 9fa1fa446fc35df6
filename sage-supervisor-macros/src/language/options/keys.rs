//! The options of a child.

/// The place of the `#[child(..)]`, which takes other options on a function than on an entry.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum On {
    Entry,
    Function,
}

pub(crate) const ON_ENTRIES: [&str; 17] = [
    "restart",
    "shutdown",
    "ready_within",
    "heartbeat",
    "every",
    "max_restarts",
    "within",
    "forgive_after",
    "backoff",
    "give_up_if",
    "significant",
    "instances",
    "when",
    "version",
    "tree",
    "clone",
    "lend",
];
pub(crate) const ON_FUNCTIONS: [&str; 12] = [
    "restart",
    "shutdown",
    "ready_within",
    "heartbeat",
    "every",
    "max_restarts",
    "within",
    "forgive_after",
    "backoff",
    "give_up_if",
    "significant",
    "crate",
];
