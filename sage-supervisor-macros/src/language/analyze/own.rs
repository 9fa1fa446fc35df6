//! Limits of children that the limit of their supervisor keeps out of reach.
//!
//! Every restart that the limit of a child allows counts for its supervisor as well, in every strategy,
//! unless a backoff delays it and nobody has set the limit of the supervisor.
//! Therefore a child cannot exceed a limit that is higher than that of its supervisor over a time that
//! is no longer: the supervisor ends before.

use sage_supervisor_policy::RestartPolicy;
use sage_supervisor_policy::limit::describe;

use crate::language::args::{Limit, MAX_RESTARTS, Value, WITHIN, known};
use crate::language::diag::{Diag, message};
use crate::language::model::{Child, Start, Tree};
use crate::language::time;

pub(super) fn limit_can_be_exceeded(child: &Child, tree: &Tree, diag: &mut Diag) {
    let options = &child.options;
    // A temporary child may have no restarts at all, which is another mistake.
    if matches!(options.restart, Some(Value::Known(RestartPolicy::Temporary, _))) {
        return;
    }
    // A value may have a backoff of its own.
    let is_value = matches!(child.start, Start::Value(_));
    let may_wait = is_value || options.backoff.is_some() || tree.backoff.is_some();
    if may_wait && tree.max_restarts.is_none() && tree.within.is_none() {
        return;
    }
    let at = match (&options.max_restarts, &options.within) {
        (Some(Value::Known(_, at)), _) | (None, Some(Value::Known(_, at))) => *at,
        _ => return,
    };
    let max_restarts = known(options.max_restarts.as_ref(), MAX_RESTARTS);
    let above = known(tree.max_restarts.as_ref(), Limit::Count(MAX_RESTARTS));
    let (Some(max_restarts), Some(Limit::Count(above))) = (max_restarts, above) else { return };
    let within = known(options.within.as_ref(), WITHIN);
    let window = known(tree.within.as_ref(), WITHIN);
    let (Some(within), Some(window)) = (within, window) else { return };
    if max_restarts <= above || within > window || within == 0 {
        return;
    }
    let (limit, limit_above) = (describe(max_restarts, within), describe(above, window));
    let by_default = match (&tree.max_restarts, &tree.within) {
        (None, None) => ", by default".to_owned(),
        (None, Some(_)) => format!(", {above} by default"),
        (Some(_), None) => format!(", in {} by default", time::display(window)),
        (Some(_), Some(_)) => String::new(),
    };
    let edit = match options.max_restarts {
        Some(_) => format!("lower it to {above}, or raise `max_restarts` of the supervisor"),
        None => format!("add `max_restarts = {above}`, or raise that of the supervisor"),
    };
    let text = message(format!(
        "this limit of {limit} is never exceeded: that of the supervisor is {limit_above}{by_default}"
    ))
    .help(edit)
    .note(format!("a restart counts for both, and the supervisor ends at number {}", u64::from(above) + 1));
    diag.error(at, text);
}
