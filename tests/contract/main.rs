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
mod declared;
mod delayed_limit;
mod dropping;
mod dynamic;
mod dynamic_again;
mod dynamic_significance;
mod ending;
mod event_fields;
mod events;
mod exits;
mod failed_starts;
mod fairness;
mod final_errors;
mod forgiveness;
mod founding;
mod given_back;
mod heartbeat;
mod held_up;
mod lent;
mod lent_mailbox;
mod limit;
mod locks;
mod nesting;
mod order;
mod paused_time;
#[cfg(unix)]
mod pools;
mod processes;
mod readiness;
mod reloading;
mod replacing;
mod report;
mod room;
mod room_model;
#[cfg(unix)]
mod signals;
mod significance;
mod significance_by_hand;
mod spans;
mod start;
mod stop;
mod stop_reasons;
mod storm;
mod strategies;
mod streams;
mod table;
mod task_ends;
mod task_streams;
mod tasks;
mod traces;
mod tree;
mod unresponsive;
mod until;
