//! Limits that the delays of a backoff keep out of reach.
//!
//! To exceed a limit, one more failure than it allows has to fall into the window, and a delay follows
//! each failure but the last. If the delays alone take longer than the window, the limit is never
//! exceeded.

use proc_macro2::Span;
use sage_supervisor_policy::limit::describe;
use sage_supervisor_policy::outline::{self, Row};
use sage_supervisor_policy::{RestartPolicy, Strategy};

use super::pace::{Pace, Ways};
use crate::language::args::{Limit, MAX_RESTARTS, Value, WITHIN};
use crate::language::backoff::Backoff;
use crate::language::check::may_wait;
use crate::language::diag::{Diag, Message, message};
use crate::language::model::{Child, Options, Start, Tree};
use crate::language::time;

/// The highest limit that is analysed: a higher one is as good as none.
const HIGHEST: u32 = 300;

/// Returns whether the limit of a supervisor is in reach of the children in its block.
pub(super) fn of_tree(tree: &Tree, diag: &mut Diag) -> bool {
    let max_restarts = match &tree.max_restarts {
        None => None,
        Some(Value::Known(Limit::Count(count), at)) => Some((*count, *at)),
        Some(_) => return true,
    };
    let Some(limit) = Reach::new(max_restarts, tree.within.as_ref()) else { return true };
    // Children that are added later have delays of their own.
    if may_wait(tree) || !keeps_delays(tree) {
        return true;
    }
    let mut paces = Vec::new();
    for child in &tree.children {
        if is_restarted(child, tree) {
            let Some(pace) = backoff(child, tree).and_then(Pace::new) else { return true };
            paces.push((child.entry_name(), pace));
        }
    }
    limit.check(paces, diag)
}

/// Returns whether the limit of the child itself is in reach.
pub(super) fn of_child(child: &Child, tree: &Tree, diag: &mut Diag) -> bool {
    of_options(&child.options, backoff(child, tree), diag)
}

pub(super) fn of_options(options: &Options, backoff: Option<&Backoff>, diag: &mut Diag) -> bool {
    let max_restarts = match &options.max_restarts {
        None => None,
        Some(Value::Known(count, at)) => Some((*count, *at)),
        Some(_) => return true,
    };
    let Some(limit) = Reach::new(max_restarts, options.within.as_ref()) else { return true };
    let Some(pace) = backoff.and_then(Pace::new) else { return true };
    limit.check(vec![(String::new(), pace)], diag)
}

/// The backoff of the child or of its supervisor, if it is known which of them applies.
fn backoff<'a>(child: &'a Child, tree: &'a Tree) -> Option<&'a Backoff> {
    let inherited = match child.start {
        Start::Closure(_) | Start::Nested(_) | Start::Named(_) => tree.backoff.as_ref(),
        // A value may have a backoff of its own.
        Start::Value(_) | Start::Missing => None,
    };
    child.options.backoff.as_ref().or(inherited)
}

/// Returns whether no child is started before its delay is over: in `rest_for_one` a child that waits is
/// started together with a failed child before it.
fn keeps_delays(tree: &Tree) -> bool {
    match tree.known_strategy() {
        Some(Strategy::OneForOne | Strategy::OneForAll) => true,
        Some(Strategy::RestForOne) | None => tree.children.len() == 1,
    }
}

fn is_restarted(child: &Child, tree: &Tree) -> bool {
    let alone = tree.known_strategy() == Some(Strategy::OneForOne);
    !(alone && matches!(child.options.restart, Some(Value::Known(RestartPolicy::Temporary, _))))
}

/// A limit with at least one part that is written.
struct Reach {
    max_restarts: u32,
    within: u64,
    /// The part to change first.
    at: Span,
}

impl Reach {
    fn new(max_restarts: Option<(u32, Span)>, within: Option<&Value<u64>>) -> Option<Self> {
        let within = match within {
            None => None,
            Some(Value::Known(within, at)) if *within > 0 => Some((*within, *at)),
            Some(_) => return None,
        };
        let at = within.map(|(_, at)| at).or(max_restarts.map(|(_, at)| at))?;
        let max_restarts = max_restarts.map_or(MAX_RESTARTS, |(count, _)| count);
        let within = within.map_or(WITHIN, |(within, _)| within);
        (max_restarts <= HIGHEST).then_some(Self { max_restarts, within, at })
    }

    fn check(&self, paces: Vec<(String, Pace)>, diag: &mut Diag) -> bool {
        let Self { max_restarts, within, at } = *self;
        let Ok(last) = usize::try_from(max_restarts) else { return true };
        // More children than the limit allows restarts can fail at the same moment.
        if paces.len() > last {
            return true;
        }
        let ways = |(name, pace)| (name, Ways::new(&pace, max_restarts));
        let children = paces.into_iter().map(ways).collect::<Vec<_>>();
        let mut times = children.iter().flat_map(|(_, ways)| ways.times()).collect::<Vec<_>>();
        times.sort_unstable();
        // The first restart that the limit does not allow.
        let Some(&needed) = times.get(last) else { return true };
        if needed <= within {
            return true;
        }
        let fit = times.iter().filter(|time| **time <= within).count();
        let limit = describe(max_restarts, within);
        let text = message(format!(
            "with this backoff the limit of {limit} is never exceeded by failures alone"
        ));
        let raise = format!("raise `within` to `\"{}\"`", time::display(needed));
        let text = match fit.saturating_sub(1) {
            0 => text.help(raise),
            lower => text.help(format!("{raise}, or lower `max_restarts` to {lower}")),
        };
        diag.error(at, self.explain(text, &children));
        false
    }

    fn explain(&self, text: Message, children: &[(String, Ways)]) -> Message {
        let Self { max_restarts, within, .. } = *self;
        let text = match children {
            [(_, ways)] => {
                let (restarts, sum) = (max_restarts.saturating_add(1), sum(&ways.gaps()));
                let text = text.note(format!(
                    "from the first to the last of {restarts} restarts it takes at least {sum}"
                ));
                match ways.begins_anew() {
                    Some(up_for) => text.note(format!(
                        "an instance that is up for {} begins again with the first delay",
                        time::display(up_for)
                    )),
                    None => text,
                }
            }
            _ => {
                let fit = draw(children, within);
                text.note(format!("no more than these fit in {}:{fit}", time::display(within)))
            }
        };
        match children.iter().any(|(_, ways)| ways.has_jitter) {
            true => text.note("the jitter is taken off every delay"),
            false => text,
        }
    }
}

/// The gaps as a sum: `900ms + 1800ms = 2700ms`.
fn sum(gaps: &[u64]) -> String {
    /// The number of gaps that are written out.
    const SHOWN: usize = 6;
    let total = time::display(gaps.iter().copied().fold(0, u64::saturating_add));
    let shown = |gaps: &[u64]| gaps.iter().copied().map(time::display).collect::<Vec<_>>();
    match gaps {
        [] | [_] => total,
        [first @ .., last] if gaps.len() > SHOWN => {
            let first = shown(&first[..SHOWN - 2]).join(" + ");
            format!("{first} + .. + {} = {total}", time::display(*last))
        }
        _ => format!("{} = {total}", shown(gaps).join(" + ")),
    }
}

/// A line for each child, with the number of its restarts that fit into the window.
fn draw(children: &[(String, Ways)], within: u64) -> String {
    let row = |(name, ways): &(String, Ways)| {
        let fit = ways.times().filter(|time| *time <= within).count();
        let gaps = ways.gaps_to(fit.saturating_sub(1));
        let sum = if gaps.is_empty() { String::new() } else { format!(": {}", sum(&gaps)) };
        Row { name: format!("  {name}"), cells: None, text: format!("{fit}{sum}") }
    };
    let rows = children.iter().map(row).collect::<Vec<_>>();
    outline::lines(&rows, []).into_iter().map(|line| format!("\n{line}")).collect()
}
