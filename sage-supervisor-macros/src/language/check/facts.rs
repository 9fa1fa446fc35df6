//! Facts about children and trees that several rules ask for.

use sage_supervisor_policy::RestartPolicy;

use crate::language::args::Value;
use crate::language::declared::has_more;
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

/// Returns whether the supervisor may have other children than those of its block, because children are
/// added later.
pub(crate) fn may_wait(tree: &Tree) -> bool {
    // The value of an expression may be `true`.
    !matches!(tree.keep_alive, None | Some(Value::Known(false, _)))
        || has_more(tree)
        || tree.methods.clone().into_iter().any(|token| is_word(&token, "keep_alive"))
}
