//! The contract, rule by rule. The name of a test begins with the rule that it checks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod adversaries;
mod answers;
mod backoff;
mod backoff_in_groups;
mod blocking;
mod causes;
mod child_limit;
mod commands;
mod commands_in_groups;
mod commands_under_way;
mod context;
mod delayed_limit;
mod dropping;
mod dynamic;
mod dynamic_again;
mod ending;
mod event_fields;
mod event_stream;
mod events;
mod exits;
mod failed_starts;
mod fairness;
mod find;
mod forgiveness;
mod founding;
mod heartbeat;
mod held_up;
mod lent;
mod lent_mailbox;
mod limit;
mod locks;
mod nesting;
mod paused_time;
#[cfg(unix)]
mod processes;
mod readiness;
mod report;
#[cfg(unix)]
mod signals;
mod significance;
mod significance_by_hand;
mod start;
mod stop;
mod storm;
mod strategies;
mod streams;
mod table;
mod tasks;
mod traces;
mod tree;
mod unresponsive;
mod until;
