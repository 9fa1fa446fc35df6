//! Facts about children and trees that several rules ask for.

use sage_supervisor_policy::RestartPolicy;

use crate::language::args::{Limit, Value};
use crate::language::model::{Child, Start, Tree};
use crate::language::tokens::is_word;

pub(super) fn is_permanent(child: &Child) -> bool {
    let policy = match (&child.options.restart, &child.start) {
        (Some(Value::Known(policy, _)), _) => Some(*policy),
        (None, Start::Closure(_)) => Some(RestartPolicy::OF_WORKER),
        (None, Start::Nested(_) | Start::Named(_)) => Some(RestartPolicy::OF_SUPERVISOR),
        // The value of an expression may carry a policy of its own.
        _ => None,
    };
    policy == Some(RestartPolicy::Permanent)
}

pub(super) fn is_temporary(child: &Child) -> bool {
    matches!(child.options.restart, Some(Value::Known(RestartPolicy::Temporary, _)))
}

/// Returns whether `max_restarts = 0` forbids every restart although all children are permanent.
pub(crate) fn restarts_nothing(tree: &Tree) -> bool {
    let none = matches!(tree.max_restarts, Some(Value::Known(Limit::Count(0), _)));
    none && !tree.children.is_empty() && tree.children.iter().all(is_permanent)
}

/// Returns whether the supervisor may stay up without children, because children are added later.
pub(crate) fn may_wait(tree: &Tree) -> bool {
    // The value of an expression may be `true`.
    !matches!(tree.keep_alive, None | Some(Value::Known(false, _)))
        || tree.methods.clone().into_iter().any(|token| is_word(&token, "keep_alive"))
}
