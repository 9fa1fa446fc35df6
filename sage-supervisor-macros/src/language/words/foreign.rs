//! The words of other systems for the settings of a supervisor and the options of a child.

use crate::language::closest::normalise;

/// The words of other systems for settings, in snake case, because `called` normalises the word
/// that it looks up.
pub(crate) const SETTINGS: [(&str, &str); 31] = [
    ("intensity", "max_restarts"),
    ("restart_intensity", "max_restarts"),
    ("max_restart_intensity", "max_restarts"),
    ("max_intensity", "max_restarts"),
    ("max_r", "max_restarts"),
    ("max_retries", "max_restarts"),
    ("max_nr_of_retries", "max_restarts"),
    ("max_number_of_retries", "max_restarts"),
    ("failure_threshold", "max_restarts"),
    ("start_limit_burst", "max_restarts"),
    ("period", "within"),
    ("max_t", "within"),
    ("max_seconds", "within"),
    ("max_restart_period", "within"),
    ("restart_period", "within"),
    ("restart_window", "within"),
    ("within_time_range", "within"),
    ("start_limit_interval_sec", "within"),
    ("min_uptime", "forgive_after"),
    ("stable_after", "forgive_after"),
    ("healthy_after", "forgive_after"),
    ("restart_delay", "backoff"),
    ("restart_sec", "backoff"),
    ("auto_terminate", "auto_shutdown"),
    ("stay_alive", "keep_alive"),
    ("remain_after_exit", "keep_alive"),
    ("abort_timeout", "kill_grace"),
    ("kill_timeout", "kill_grace"),
    ("shutdown_timeout", "shutdown_budget"),
    ("termination_grace_period_seconds", "shutdown_budget"),
    ("restart_strategy", "strategy"),
];

/// The words of other systems for options of a child. A word may stand in both tables, and may have
/// another meaning here: the time to stop a supervisor is its budget, that of a child its shutdown.
pub(crate) const OPTIONS: [(&str, &str); 63] = [
    ("restart_policy", "restart"),
    ("policy", "restart"),
    ("restart_type", "restart"),
    ("shutdown_timeout", "shutdown"),
    ("stop_timeout", "shutdown"),
    ("timeout", "shutdown"),
    ("timeout_stop_sec", "shutdown"),
    ("grace", "shutdown"),
    ("grace_period", "shutdown"),
    ("termination_grace_period_seconds", "shutdown"),
    ("start_timeout", "ready_within"),
    ("ready_timeout", "ready_within"),
    ("timeout_start_sec", "ready_within"),
    ("readiness_probe", "ready_within"),
    ("startup_probe", "ready_within"),
    ("ready", "ready_within"),
    ("watchdog", "heartbeat"),
    ("watchdog_sec", "heartbeat"),
    ("heartbeat_interval", "heartbeat"),
    ("liveness_probe", "heartbeat"),
    ("interval", "every"),
    ("repeat", "every"),
    ("schedule", "every"),
    ("send_interval", "every"),
    ("on_unit_active_sec", "every"),
    ("intensity", "max_restarts"),
    ("max_retries", "max_restarts"),
    ("retries", "max_restarts"),
    ("limit", "max_restarts"),
    ("period", "within"),
    ("window", "within"),
    ("min_uptime", "forgive_after"),
    ("stable_after", "forgive_after"),
    ("healthy_after", "forgive_after"),
    ("restart_delay", "backoff"),
    ("restart_sec", "backoff"),
    ("critical", "significant"),
    ("important", "significant"),
    ("capture", "clone"),
    ("move", "clone"),
    ("with", "clone"),
    ("borrow", "lend"),
    ("loan", "lend"),
    ("replicas", "instances"),
    ("count", "instances"),
    ("workers", "instances"),
    ("copies", "instances"),
    ("scale", "instances"),
    ("numprocs", "instances"),
    ("num_workers", "instances"),
    ("pool", "instances"),
    ("pool_size", "instances"),
    ("size", "instances"),
    ("concurrency", "instances"),
    ("parallelism", "instances"),
    ("if", "when"),
    ("only_if", "when"),
    ("enabled", "when"),
    ("condition", "when"),
    ("fatal_if", "give_up_if"),
    ("final_if", "give_up_if"),
    ("restart_prevent_exit_status", "give_up_if"),
    ("revision", "version"),
];

/// Words that other systems have at a child, and where they belong here.
const ELSEWHERE: [(&[&str], &str); 7] = [
    (
        &["name", "id", "called"],
        "the name of a child stands in front of its value: `#[child] name = start`",
    ),
    (
        &["start", "run", "function", "mfa"],
        "the function to start is the value: `#[child] name = start`",
    ),
    (
        &["args", "arguments", "argv", "params"],
        "arguments are handed over in the call of a `#[child]` function, `name = start(a)`; a closure \
         is handed clones with `clone(a)`",
    ),
    (
        &["after", "before", "depends_on", "requires", "wants", "order"],
        "children start in the order of their entries, each after those above it",
    ),
    (
        &["kind", "type", "worker", "supervisor", "dynamic"],
        "the value determines what the child is: a function, a closure or a `supervisor! { .. }`",
    ),
    (
        &["blocking", "process", "command", "thread"],
        "write it as the value: `ChildSpec::blocking(..)` or `ChildSpec::command(..)`",
    ),
    (&["modules"], "remove it: no code is replaced while a supervisor runs"),
];

/// Returns our word for a word of another system.
pub(crate) fn called(word: &str, table: &[(&'static str, &'static str)]) -> Option<&'static str> {
    let normal = normalise(word);
    table.iter().find(|(foreign, _)| *foreign == normal).map(|(_, ours)| *ours)
}

/// Returns the help about a word that other systems have at a child.
pub(crate) fn elsewhere(word: &str) -> Option<&'static str> {
    let normal = normalise(word);
    let is = |words: &&[&str]| words.contains(&normal.as_str());
    ELSEWHERE.iter().find(|(words, _)| is(words)).map(|(_, help)| *help)
}
