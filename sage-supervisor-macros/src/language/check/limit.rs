//! Rules over the restart limits of supervisors and of children.

use crate::language::args::{Limit, Value};
use crate::language::diag::{Diag, message};
use crate::language::model::{Options, Tree};

pub(super) fn window_is_not_zero(tree: &Tree, diag: &mut Diag) {
    is_not_zero(tree.within.as_ref(), diag);
}

pub(super) fn forgiveness_is_not_immediate(tree: &Tree, diag: &mut Diag) {
    takes_some_time(tree.forgive_after.as_ref(), diag);
}

pub(super) fn own_forgiveness_is_not_immediate(options: &Options, diag: &mut Diag) {
    takes_some_time(options.forgive_after.as_ref(), diag);
}

fn takes_some_time(forgive_after: Option<&Value<u64>>, diag: &mut Diag) {
    if let Some(Value::Known(0, at)) = forgive_after {
        let rule = "an instance that was up for this long makes up for the restarts before it";
        diag.error(*at, message("`forgive_after` must be longer than zero").note(rule));
    }
}

pub(super) fn window_is_used(tree: &Tree, diag: &mut Diag) {
    let Some(Value::Known(Limit::Unlimited, _)) = tree.max_restarts else { return };
    let Some(at) = tree.within.as_ref().and_then(Value::place) else { return };
    let text = message("`within` has no effect on an unlimited number of restarts");
    diag.error(at, text.help("remove `within`, or give `max_restarts` a number"));
}

pub(super) fn own_window_is_not_zero(options: &Options, diag: &mut Diag) {
    is_not_zero(options.within.as_ref(), diag);
}

fn is_not_zero(within: Option<&Value<u64>>, diag: &mut Diag) {
    if let Some(Value::Known(0, at)) = within {
        let text = message("`within` must be longer than zero");
        diag.error(*at, text.note("restarts are counted over this time"));
    }
}
