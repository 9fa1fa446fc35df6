//! The lines of the short table, and the contestants that each of them compares.

use crate::case::{Case, Flavor};
use crate::contestants::{by_hand, declared, dynamic, otp};
use crate::results::{Outcome, Results};
use crate::scenarios::REVERSE_ORDER;

const FLAVOR: Flavor = Flavor::Mt;

/// A line of the table: a case of one of ours.
pub(super) struct Row {
    pub what: &'static str,
    pub ours: &'static str,
    pub case: Case,
    pub metrics: &'static [usize],
    pub among: Among,
}

/// The other contestants that do the very thing that a line is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    All,
    /// The contestants whose children have names.
    Named,
    /// The contestants that start each child by a call of its own.
    Dynamic,
    /// The contestants that stopped the last child first, in every round.
    InReverse,
    /// The contestants that did not do so in every round.
    AtOnce,
}

impl Among {
    /// Returns whether a contestant has a place in the line.
    pub fn has(self, name: &'static str, case: Case, results: &Results) -> bool {
        let is_otp = name == otp::NAME;
        match self {
            // The founding code is no alternative to the crate that replaces it.
            _ if name == "sage-runtime" => false,
            Self::All => true,
            Self::Named => name != "kameo",
            Self::Dynamic => matches!(name, "taskvisor" | "kameo"),
            // A static supervisor of Erlang/OTP stops its children in reverse order by contract.
            Self::InReverse => is_otp || is_in_reverse(results, case, name),
            Self::AtOnce => !is_otp && !is_in_reverse(results, case, name),
        }
    }
}

fn is_in_reverse(results: &Results, case: Case, name: &'static str) -> bool {
    results.get(case, name).iter().all(|outcome| match outcome {
        Outcome::Found(found) => found.remarks.iter().any(|remark| remark == REVERSE_ORDER),
        Outcome::Refused(_) | Outcome::Failed(_) => false,
    })
}

const fn row(
    what: &'static str,
    ours: &'static str,
    (scenario, mode, children): (&'static str, &'static str, u32),
    metrics: &'static [usize],
    among: Among,
) -> Row {
    Row { what, ours, case: Case { scenario, mode, children, flavor: FLAVOR }, metrics, among }
}

const MACRO: &str = declared::NAME;
const HAND: &str = by_hand::NAME;
const DYNAMIC: &str = dynamic::NAME;

use Among::{All, AtOnce, Dynamic, InReverse, Named};

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("restarts, 1 sibling", MACRO, ("restarts", "error", 1), &[0], All),
    row("restarts, 100k siblings", MACRO, ("restarts", "error", 100_000), &[0], All),
    row("restarts after a panic", MACRO, ("panics", "panic", 1), &[0], All),
    row("from an end to the next start, p50 / p99", MACRO, ("latency", "paced", 1), &[0, 1], All),
    row("`one_for_all` of 10k", HAND, ("one_for_all", "deaf", 10_000), &[0], All),
    row("start of 100k", HAND, ("start", "idle", 100_000), &[0], All),
    row("start of 100k, a call each", DYNAMIC, ("start", "idle", 100_000), &[0], Dynamic),
    row("start and stop of one after the other", DYNAMIC, ("churn", "start and stop", 1_000), &[0], All),
    row("stop of 100k at once, asked", DYNAMIC, ("stop", "cooperative", 100_000), &[0], AtOnce),
    row("stop of 100k in reverse order, asked", HAND, ("stop", "cooperative", 100_000), &[0], InReverse),
    row("stop of 100k in reverse order, killed", HAND, ("stop", "brutal_kill", 100_000), &[0], InReverse),
    row("memory of a child that waits to be asked, named", HAND, ("memory", "listening", 100_000), &[0], Named),
    row("memory of a child that waits to be asked, from a shared template", DYNAMIC, ("memory", "listening", 100_000), &[0], Dynamic),
    row("memory of a child that takes no context, named", HAND, ("memory", "deaf", 100_000), &[0], Named),
    row("1M children, peak without a snapshot of the tree", HAND, ("million", "all", 1_000_000), &[2], All),
];
