//! Random trees and histories.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy as Generator, any};
use proptest::prop_oneof;

use crate::tree::*;

/// Odd numbers of ten milliseconds, so that deadlines seldom meet, and never the end of a window.
fn time(most: u64) -> impl Generator<Value = u64> + Clone {
    (0..most / 20).prop_map(|tens| tens * 20 + 10)
}

fn policy() -> impl Generator<Value = RestartPolicy> + Clone {
    prop_oneof![
        3 => Just(RestartPolicy::Permanent),
        2 => Just(RestartPolicy::Transient),
        1 => Just(RestartPolicy::Temporary),
    ]
}

fn worker() -> impl Generator<Value = Child> + Clone {
    let on_stop = prop_oneof![
        6 => Just(OnStop::Obey),
        1 => Just(OnStop::Ignore),
        2 => time(5_000).prop_map(OnStop::After),
        1 => Just(OnStop::Fail),
        1 => Just(OnStop::Panic),
    ];
    let shutdown = prop_oneof![
        4 => time(6_000).prop_map(Shutdown::Timeout),
        1 => Just(Shutdown::BrutalKill),
        1 => Just(Shutdown::Infinity),
    ];
    let says = prop_oneof![1 => Just(0), 3 => 1..3_u32, 2 => Just(99)];
    let ready = option::weighted(0.35, (time(6_000), says));
    (policy(), shutdown, option::weighted(0.9, on_stop), ready).prop_map(
        |(policy, shutdown, on_stop, ready)| {
            // Readiness is said through a context.
            let ready = ready.filter(|_| on_stop.is_some());
            let (ready_within, says) = ready.map_or((None, 0), |(time, says)| (Some(time), says));
            Child { policy, shutdown, kind: Kind::Worker(Worker { on_stop, ready_within, says }) }
        },
    )
}

fn nested(sup: impl Generator<Value = Sup> + Clone) -> impl Generator<Value = Child> + Clone {
    let shutdown = prop_oneof![
        4 => Just(Shutdown::Infinity),
        1 => time(6_000).prop_map(Shutdown::Timeout),
        1 => Just(Shutdown::BrutalKill),
    ];
    (policy(), shutdown, sup).prop_map(|(policy, shutdown, sup)| Child {
        policy,
        shutdown,
        kind: Kind::Nested(sup),
    })
}

fn sup(
    children: impl Generator<Value = Vec<Child>> + Clone,
) -> impl Generator<Value = Sup> + Clone {
    let strategy = prop_oneof![
        Just(Strategy::OneForOne),
        Just(Strategy::OneForAll),
        Just(Strategy::RestForOne),
    ];
    let limit = option::weighted(0.8, (0..=4_u32, (1..=8_u64).prop_map(|half| half * 500)));
    (strategy, limit, children).prop_map(|(strategy, limit, children)| Sup {
        strategy,
        limit,
        children,
    })
}

/// Three levels at most, and up to five children each.
pub(crate) fn trees() -> impl Generator<Value = Sup> {
    let lowest = sup(vec(worker(), 1..=3));
    let middle = sup(vec(prop_oneof![4 => worker(), 1 => nested(lowest.clone())], 1..=4));
    sup(vec(prop_oneof![6 => worker(), 1 => nested(lowest), 2 => nested(middle)], 1..=5))
}

pub(crate) fn histories() -> impl Generator<Value = Vec<Step>> {
    let wait = prop_oneof![
        3 => Just(Wait::No),
        2 => (1..50_u64).prop_map(|tens| Wait::Millis(tens * 10)),
        2 => (1..80_u64).prop_map(|hundreds| Wait::Millis(hundreds * 100)),
        1 => (any::<usize>(), 0..=1_u64).prop_map(|(whose, more)| Wait::Window(whose, more)),
    ];
    let what = prop_oneof![
        2 => Just(What::Finish),
        4 => Just(What::Fail),
        1 => Just(What::Panic),
        5 => Just(What::Ready),
    ];
    let act = (any::<usize>(), what).prop_map(|(whom, what)| Act { whom, what });
    let acts = prop_oneof![1 => vec(act.clone(), 0..=1), 2 => vec(act, 1..=3)];
    let finale = prop_oneof![
        6 => Just(Finale::Shutdown),
        1 => Just(Finale::Kill),
        1 => Just(Finale::DropOwner),
    ];
    let step = (wait, acts, option::weighted(0.06, finale));
    vec(step.prop_map(|(wait, acts, finale)| Step { wait, acts, finale }), 1..16)
}
