//! How often something that keeps failing is started.

use crate::language::args::{Limit, MAX_RESTARTS, Value};
use crate::language::closure::is_async_block;
use crate::language::model::{Child, Start, Tree};
use crate::language::words::Restart;

/// What a child and its supervisor make of its failures.
pub(crate) struct Step {
    restart: Option<Restart>,
    may_be_significant: bool,
    /// How often its supervisor starts it before it gives up.
    runs: u64,
}

impl Step {
    pub(crate) fn new(child: &Child, tree: &Tree) -> Self {
        let runs = match max_restarts(tree) {
            Some(Limit::Count(restarts)) => u64::from(restarts) + 1,
            Some(Limit::Unlimited) | None => u64::MAX,
        };
        // What a value says of itself is not seen.
        let is_value = matches!(&child.start, Start::Value(value) if !is_async_block(value));
        let may_be_significant = is_value || child.options.significant.is_some();
        Self { restart: restart(child), may_be_significant, runs }
    }
}

/// How often the last one is started until the root ends, if it fails at once, every time; `u64::MAX`
/// if that has no bound.
pub(crate) fn starts(steps: &[Step]) -> u64 {
    let (mut starts, mut fails) = (1_u64, true);
    for step in steps.iter().rev() {
        let is_restarted = match step.restart {
            Some(Restart::Permanent) | None => true,
            Some(Restart::Transient) => fails,
            Some(Restart::Temporary) => false,
        };
        if is_restarted {
            (starts, fails) = (starts.saturating_mul(step.runs), true);
        } else {
            fails = fails && step.may_be_significant;
        }
    }
    starts
}

/// `None` is known only at run time.
pub(crate) fn max_restarts(tree: &Tree) -> Option<Limit> {
    match tree.max_restarts {
        Some(Value::Dynamic(_)) => None,
        Some(Value::Known(limit, _)) => Some(limit),
        Some(Value::Wrong) | None => Some(Limit::Count(MAX_RESTARTS)),
    }
}

/// `None` is known only at run time.
pub(crate) fn restart(child: &Child) -> Option<Restart> {
    match (&child.options.restart, &child.start) {
        (Some(Value::Dynamic(_)), _) => None,
        (Some(Value::Known(restart, _)), _) => Some(*restart),
        (_, Start::Nested(_) | Start::Named(_)) => Some(Restart::Transient),
        (_, Start::Value(value)) if !is_async_block(value) => None,
        _ => Some(Restart::Permanent),
    }
}
