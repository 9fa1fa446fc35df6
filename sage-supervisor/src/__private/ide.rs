//! The keys of the macros, for editors: the expansion names them here, where only rust-analyzer
//! looks. The macro crate has a test that none is missing.

#![expect(non_upper_case_globals, reason = "they are called what users write")]

/// What may be written in a list.
#[derive(Clone, Copy, Debug)]
pub struct Key;

/// What stands in front of an entry.
pub mod attributes {
    use super::Key;

    /// Marks the entry as a child. Its options stand in parentheses: `#[child(restart = "transient")]`.
    pub const child: Key = Key;
    /// The child exists only under this condition: `#[cfg(unix)]`.
    pub const cfg: Key = Key;
    /// Lints that are silent in this child.
    pub const allow: Key = Key;
    /// Lints that are expected in this child.
    pub const expect: Key = Key;
    /// Lints that warn in this child.
    pub const warn: Key = Key;
    /// Lints that are errors in this child.
    pub const deny: Key = Key;
    /// Lints that are errors in this child, and stay so.
    pub const forbid: Key = Key;
}

/// Settings of a supervisor.
pub mod settings {
    use super::Key;

    /// A string: the name in paths. Default: the name of its entry; at the root `root`.
    pub const name: Key = Key;
    /// `"one_for_one"`, `"one_for_all"`, `"rest_for_one"`, or a `Strategy`. Default: `"one_for_one"`.
    pub const strategy: Key = Key;
    /// How many restarts within `within` are not too many: a number, `"unlimited"`, or a `u32`.
    /// Default: 5.
    pub const max_restarts: Key = Key;
    /// The window `max_restarts` counts in: a time such as `"5s"`, or a `Duration`. Default: `"60s"`.
    pub const within: Key = Key;
    /// `backoff(initial = "1s", ..)`, a `Backoff`, or a function: how long restarts wait, of all
    /// children that say nothing else. Default: they do not wait.
    pub const backoff: Key = Key;
    /// `"never"`, `"any_significant"`, `"all_significant"`, or an `AutoShutdown`: whether it ends with
    /// its significant children. Default: `"never"`.
    pub const auto_shutdown: Key = Key;
    /// `true`, `false`, or a `bool`: whether it stays up when all children have ended for good.
    /// Default: `false`.
    pub const keep_alive: Key = Key;
    /// `"restart"`, `"remove"`, or a `TemporarySiblings`: what becomes of temporary children in the
    /// restart of their group. Default: `"restart"`.
    pub const temporary_siblings: Key = Key;
    /// How long an aborted task may take to end: a time such as `"500ms"`, or a `Duration`.
    /// Default: the parent's; at the root `"1s"`.
    pub const kill_grace: Key = Key;
    /// How long a restart waits for a task that does not end: a time such as `"30s"`, or a
    /// `Duration`. Default: the parent's; at the root `"30s"`.
    pub const unresponsive_timeout: Key = Key;
    /// What the whole tree may need to stop: a time such as `"30s"`. Default: it is not checked.
    pub const shutdown_budget: Key = Key;
}

/// Options of a child in a block.
pub mod options {
    use super::Key;

    /// `"permanent"`, `"transient"`, `"temporary"`, or a `RestartPolicy`. Default: what the start
    /// says, else `"permanent"`; `"transient"` for a supervisor.
    pub const restart: Key = Key;
    /// A time such as `"5s"`, `"brutal_kill"`, `"infinity"`, a `Shutdown` or a `Duration`. Default:
    /// what the start says, else `"5s"`; `"infinity"` for a supervisor.
    pub const shutdown: Key = Key;
    /// How long the child may take to call `ChildContext::ready`: a time such as `"5s"`, or a
    /// `Duration`. Default: what the start says, else it is ready when it is started.
    pub const ready_within: Key = Key;
    /// How often the child calls `ChildContext::heartbeat` at least: a time such as `"10s"`, or a
    /// `Duration`. Default: what the start says, else nobody listens.
    pub const heartbeat: Key = Key;
    /// How many restarts of this child within `within` are not too many: a number, or a `u32`.
    /// Default: what the start says, else no limit of its own; 5 where only `within` is written.
    pub const max_restarts: Key = Key;
    /// The window of that limit: a time such as `"60s"`, or a `Duration`. Default: what the start
    /// says, else no limit of its own; `"60s"` where only `max_restarts` is written.
    pub const within: Key = Key;
    /// `backoff(initial = "1s", ..)`, a `Backoff`, or a function: how long its restarts wait.
    /// Default: what the start says, else its supervisor's.
    pub const backoff: Key = Key;
    /// Stands alone: the end of this child can be that of its supervisor. Default: what the start
    /// says, else it is not.
    pub const significant: Key = Key;
    /// Stands alone: the start is the call of a named tree, which is checked together with
    /// this block. Default: it is a value like any other.
    pub const tree: Key = Key;
    /// `clone(a, b)`: names of the surrounding scope, each cloned at every start. Default: nothing.
    pub const clone: Key = Key;
    /// `lend(a, b)`: names of the surrounding scope, each lent to one instance after the other.
    /// Default: nothing.
    pub const lend: Key = Key;
}

/// Options of a child function. `crate`, a keyword, cannot be called its name.
pub mod function {
    pub use super::options::{
        backoff, heartbeat, max_restarts, ready_within, restart, shutdown, significant, within,
    };
}

/// Arguments of `backoff(..)`.
pub mod delays {
    use super::Key;

    /// The first delay: a time such as `"100ms"`, or a `Duration`. No default: it has to be written.
    pub const initial: Key = Key;
    /// The longest delay: a time such as `"1m"`, or a `Duration`. Default: `"1m"`.
    pub const max: Key = Key;
    /// How much longer each delay is than the one before: a number from 1 on, or an `f64`.
    /// Default: 2.
    pub const factor: Key = Key;
    /// The part of each delay that is left to chance: a number from 0 to 1, or an `f64`.
    /// Default: 0.1.
    pub const jitter: Key = Key;
    /// How long the child is up before its failures are forgotten: a time such as `"1m"`, or a
    /// `Duration`. Default: `"1m"`.
    pub const reset_after: Key = Key;
}
