//! Rules over the arguments of `backoff(..)`.

use crate::language::args::Value;
use crate::language::backoff::{Backoff, DEFAULT_MAX, Delays, Exponential};
use crate::language::diag::{Diag, message};
use crate::language::time;

pub(super) fn is_valid(backoff: Option<&Backoff>, diag: &mut Diag) {
    let Some(Backoff { delays: Delays::Exponential(delays), .. }) = backoff else { return };
    times_are_not_zero(delays, diag);
    maximum_is_not_below_the_first(delays, diag);
}

fn times_are_not_zero(delays: &Exponential, diag: &mut Diag) {
    let times = [
        ("initial", &delays.initial, "without a backoff, a child is restarted at once"),
        ("max", &delays.max, "this is the longest delay"),
        (
            "reset_after",
            &delays.reset_after,
            "after an instance that was up for this long, the delays begin again at `initial`",
        ),
    ];
    for (key, time, rule) in times {
        if let Some(Value::Known(0, at)) = time {
            diag.error(*at, message(format!("`{key}` must be longer than zero")).note(rule));
        }
    }
}

fn maximum_is_not_below_the_first(delays: &Exponential, diag: &mut Diag) {
    let Some(Value::Known(initial, at_initial)) = delays.initial else { return };
    match delays.max {
        Some(Value::Known(max, at)) if 0 < max && max < initial => {
            let text = message("`max` is below `initial`")
                .help(format!("raise it to at least `\"{}\"`", time::display(initial)))
                .note("delays grow from `initial` up to `max`");
            diag.error(at, text);
        }
        None if DEFAULT_MAX < initial => {
            let max = time::display(DEFAULT_MAX);
            let text = message(format!("`initial` is above the default of `max`, `\"{max}\"`"))
                .help(format!("add a `max` of at least `\"{}\"`", time::display(initial)))
                .note("delays grow from `initial` up to `max`");
            diag.error(at_initial, text);
        }
        _ => {}
    }
}
