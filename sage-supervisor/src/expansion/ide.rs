//! The keys of the macros, for editors. The expansion names the keys here, in code that only
//! rust-analyzer looks at. A test of the macro crate checks that no key is missing.

#![expect(non_upper_case_globals, reason = "the constants have the names of the keys")]

/// A key in a list of settings, options or arguments.
#[derive(Clone, Copy, Debug)]
pub struct Key;

/// The attributes in front of an entry.
pub mod attributes {
    use super::Key;

    /// Marks the entry as a child. The options of the child stand in parentheses: `#[child(restart
    /// = "transient")]`.
    pub const child: Key = Key;
    /// The child exists only under this condition: `#[cfg(unix)]`.
    pub const cfg: Key = Key;
    /// Silences these lints in this child.
    pub const allow: Key = Key;
    /// Expects these lints in this child.
    pub const expect: Key = Key;
    /// Makes these lints warnings in this child.
    pub const warn: Key = Key;
    /// Makes these lints errors in this child.
    pub const deny: Key = Key;
    /// Makes these lints errors in this child, and keeps `allow` from changing that.
    pub const forbid: Key = Key;
}

/// Settings of a supervisor.
pub mod settings {
    use super::Key;

    /// The name of the supervisor in paths: a string. Default: the name of its entry, and `root` at
    /// the root.
    pub const name: Key = Key;
    /// The siblings that a restart includes: `"one_for_one"`, `"one_for_all"`, `"rest_for_one"`, or
    /// a `Strategy`. Default: `"one_for_one"`.
    pub const strategy: Key = Key;
    /// The order in which the children start: `"in_order"`, `"together"`, or an `Order`. Default:
    /// `"in_order"`, each when the one before it has started.
    pub const start: Key = Key;
    /// The order in which the children stop: `"in_order"`, `"together"`, or an `Order`. Default:
    /// `"in_order"`, the last one first.
    pub const stop: Key = Key;
    /// The number of restarts that are allowed within `within`: a number, `"unlimited"`, or a
    /// `u32`. Default: 5, which do not include restarts that a backoff delays.
    pub const max_restarts: Key = Key;
    /// The window in which `max_restarts` counts: a time such as `"5s"`, or a `Duration`. Default:
    /// `"60s"`.
    pub const within: Key = Key;
    /// The time that an instance of a child has to be up for the restarts before it to be forgiven: a
    /// time such as `"10s"`, or a `Duration`. Default: no restart is forgiven before it has left the
    /// window.
    pub const forgive_after: Key = Key;
    /// The delay of the restarts of children without a backoff of their own: `backoff(initial =
    /// "1s", ..)`, a `Backoff`, or a function. Default: restarts are not delayed.
    pub const backoff: Key = Key;
    /// The significant children that end the supervisor when they end: `"never"`,
    /// `"any_significant"`, `"all_significant"`, or an `AutoShutdown`. Default: `"never"`.
    pub const auto_shutdown: Key = Key;
    /// Keeps the supervisor up when all children have ended for good: `true`, `false`, or a `bool`.
    /// Default: `false`.
    pub const keep_alive: Key = Key;
    /// The fate of temporary children in the restart of their group: `"restart"`, `"remove"`, or a
    /// `TemporarySiblings`. Default: `"restart"`.
    pub const temporary_siblings: Key = Key;
    /// The time an aborted task may take to end: a time such as `"500ms"`, or a `Duration`.
    /// Default: the kill grace of the parent, and `"1s"` at the root.
    pub const kill_grace: Key = Key;
    /// The time a restart waits for a task that does not end: a time such as `"30s"`, or a
    /// `Duration`. Default: the timeout of the parent, and `"30s"` at the root.
    pub const unresponsive_timeout: Key = Key;
    /// Runs each instance of a child in a `tracing` span with its path: `true`, `false`, or a `bool`.
    /// Default: the setting of the parent, and `true` at the root.
    pub const child_spans: Key = Key;
    /// Lets a tree end with `Ok` although children failed while it stopped: `true`, `false`, or a
    /// `bool`. Only the root of a tree has this setting. Default: `false`.
    pub const tolerate_unclean_stop: Key = Key;
    /// The longest time the whole tree may need to stop: a time such as `"30s"`. Default: the time
    /// is not checked.
    pub const shutdown_budget: Key = Key;
}

/// Options of a child in a block.
pub mod options {
    use super::Key;

    /// The exits that lead to a restart: `"permanent"`, `"transient"`, `"temporary"`, or a
    /// `RestartPolicy`. Default: the policy of the child's start if it has one, otherwise
    /// `"permanent"`; `"transient"` for a supervisor.
    pub const restart: Key = Key;
    /// The way in which the child is stopped: a time such as `"5s"`, `"brutal_kill"`, `"infinity"`,
    /// a `Shutdown` or a `Duration`. Default: the shutdown of the child's start if it has one,
    /// otherwise `"5s"`; `"infinity"` for a supervisor.
    pub const shutdown: Key = Key;
    /// The longest time the child may take to call `ChildContext::ready`: a time such as `"5s"`, or
    /// a `Duration`. Default: the time of the child's start if it has one, otherwise the child is
    /// ready when it is started.
    pub const ready_within: Key = Key;
    /// The longest time between two calls of `ChildContext::heartbeat`: a time such as `"10s"`, or
    /// a `Duration`. Default: the time of the child's start if it has one, otherwise no heartbeat
    /// is needed.
    pub const heartbeat: Key = Key;
    /// The time from one run of the child's work to the next: a time such as `"5m"`, a `Duration` or an
    /// `Every`. Default: the period of the child's start if it has one, otherwise the work is done once in
    /// each instance.
    pub const every: Key = Key;
    /// The number of restarts of this child that are allowed within `within`: a number, or a `u32`.
    /// Default: the limit of the child's start if it has one, otherwise no limit of its own; 5
    /// where only `within` is written.
    pub const max_restarts: Key = Key;
    /// The window of the child's own limit: a time such as `"60s"`, or a `Duration`. Default: the
    /// limit of the child's start if it has one, otherwise no limit of its own; `"60s"` where only
    /// `max_restarts` is written.
    pub const within: Key = Key;
    /// The time that an instance has to be up for the restarts before it to be forgiven: a time such as
    /// `"10s"`, or a `Duration`. Default: the time of the child's start if it has one, otherwise that of
    /// the supervisor.
    pub const forgive_after: Key = Key;
    /// The delay of this child's restarts: `backoff(initial = "1s", ..)`, a `Backoff`, or a
    /// function. Default: the backoff of the child's start if it has one, otherwise that of the
    /// supervisor.
    pub const backoff: Key = Key;
    /// A function that says which errors of the child no restart can help: `is_final`, a `fn(&E) ->
    /// bool` over the error type of the child. Default: a restart is always tried.
    pub const give_up_if: Key = Key;
    /// Makes the child significant, so that its end can end its supervisor. The key stands alone.
    /// Default: the child is significant only if its start says so.
    pub const significant: Key = Key;
    /// The number of children in a pool, called `worker-0`, `worker-1` and so on: a number, or a `usize`.
    /// Default: one child with the name of the entry.
    pub const instances: Key = Key;
    /// The condition under which there is such a child: `true`, `false`, or a `bool`. Default: there
    /// always is.
    pub const when: Key = Key;
    /// The version of what the child is made from: any value that can be hashed. A reload keeps a child that
    /// has an equal version. Default: the version of the child's start if it has one, otherwise a child
    /// that captures values counts as changed.
    pub const version: Key = Key;
    /// Marks the start as the call of a named tree, which is checked together with this block. The
    /// key stands alone. Default: the start is a value like any other.
    pub const tree: Key = Key;
    /// Names of the surrounding scope, each of which is cloned at every start: `clone(a, b)`.
    /// Default: nothing is cloned.
    pub const clone: Key = Key;
    /// Names of the surrounding scope, each of which is lent to one instance after the other:
    /// `lend(a, b)`. Default: nothing is lent.
    pub const lend: Key = Key;
}

/// Options of a child function. The option `crate` is missing, because a constant cannot have the
/// name of a keyword.
pub mod function {
    pub use super::options::{
        backoff, every, forgive_after, give_up_if, heartbeat, max_restarts, ready_within, restart,
        shutdown, significant, within,
    };
}

/// Arguments of `backoff(..)`.
pub mod delays {
    use super::Key;

    /// The first delay: a time such as `"100ms"`, or a `Duration`. There is no default, so the key
    /// is required.
    pub const initial: Key = Key;
    /// The longest delay: a time such as `"1m"`, or a `Duration`. Default: `"1m"`.
    pub const max: Key = Key;
    /// The factor by which each delay is longer than the one before: a number of at least 1, or an
    /// `f64`. Default: 2.
    pub const factor: Key = Key;
    /// The part of each delay that is random: a number from 0 to 1, or an `f64`. Default: 0.1.
    pub const jitter: Key = Key;
    /// The time the child has to be up for the delays to begin anew: a time such as `"1m"`, or a
    /// `Duration`. Default: `"1m"`.
    pub const reset_after: Key = Key;
}
