//! Random trees and histories.

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy as Generator, any};
use proptest::prop_oneof;

use sage_supervisor::ChildState;

use crate::history::*;
use crate::tree::*;

/// Odd multiples of ten milliseconds, so that deadlines seldom coincide, and never with the end of
/// a window.
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
        4 => time(5_000).prop_map(OnStop::After),
        1 => Just(OnStop::Fail),
        1 => Just(OnStop::Panic),
    ];
    let shutdown = prop_oneof![
        4 => time(6_000).prop_map(Shutdown::Timeout),
        1 => Just(Shutdown::BrutalKill),
        1 => Just(Shutdown::Infinity),
    ];
    let says = prop_oneof![1 => Just(0), 3 => 1..3_u32, 2 => Just(99)];
    let ready = option::weighted(0.4, (time(6_000), says));
    let significant = weighted(0.6);
    let heartbeat = option::weighted(0.1, time(6_000));
    let worker = (option::weighted(0.9, on_stop), ready, heartbeat);
    (policy(), shutdown, significant, own(), worker).prop_map(
        |(policy, shutdown, significant, own, (on_stop, ready, heartbeat))| {
            let (limit, forgive_after, backoff) = own;
            // A child needs a context to report readiness or to send heartbeats.
            let heartbeat = heartbeat.filter(|_| on_stop.is_some());
            let ready = ready.filter(|_| on_stop.is_some());
            let (ready_within, says) = ready.map_or((None, 0), |(time, says)| (Some(time), says));
            let kind = Kind::Worker(Worker { on_stop, ready_within, says, heartbeat });
            Child { policy, shutdown, significant, limit, forgive_after, backoff, kind }
        },
    )
}

fn nested(sup: impl Generator<Value = Sup> + Clone) -> impl Generator<Value = Child> + Clone {
    let shutdown = prop_oneof![
        4 => Just(Shutdown::Infinity),
        1 => time(6_000).prop_map(Shutdown::Timeout),
        1 => Just(Shutdown::BrutalKill),
    ];
    (policy(), shutdown, weighted(0.6), own(), sup).prop_map(
        |(policy, shutdown, significant, (limit, forgive_after, backoff), sup)| Child {
            policy,
            shutdown,
            significant,
            limit,
            forgive_after,
            backoff,
            kind: Kind::Nested(sup),
        },
    )
}

fn limit() -> impl Generator<Value = Option<(u32, u64)>> + Clone {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(DEFAULT_LIMIT)),
        8 => (0..=4_u32, (1..=8_u64).prop_map(|half| half * 500)).prop_map(Some),
    ]
}

fn forgive_after() -> impl Generator<Value = Option<u64>> + Clone {
    option::weighted(0.2, time(3_000))
}

fn backoff(often: f64) -> impl Generator<Value = Option<Backoff>> + Clone {
    let reset_after = prop_oneof![1 => time(5_000), 1 => Just(60_000)];
    let backoff = (time(3_000), reset_after);
    option::weighted(often, backoff.prop_map(|(step, reset_after)| Backoff { step, reset_after }))
}

/// The restart limit of a child itself, the time to be forgiven, and the backoff.
type Own = (Option<(u32, u64)>, Option<u64>, Option<Backoff>);

/// Generators are boxed where they would be too large for the stack.
fn own() -> BoxedStrategy<Own> {
    let limit = (0..=2_u32, (1..=8_u64).prop_map(|half| half * 500));
    (option::weighted(0.25, limit), forgive_after(), backoff(0.2)).boxed()
}

fn settings() -> BoxedStrategy<Settings> {
    let strategy = prop_oneof![
        2 => Just(Strategy::OneForOne),
        2 => Just(Strategy::OneForAll),
        3 => Just(Strategy::RestForOne),
    ];
    let auto_shutdown = prop_oneof![
        3 => Just(AutoShutdown::Never),
        1 => Just(AutoShutdown::AnySignificant),
        2 => Just(AutoShutdown::AllSignificant),
    ];
    let temporary_siblings =
        prop_oneof![3 => Just(TemporarySiblings::Restart), 1 => Just(TemporarySiblings::Remove)];
    let together = (weighted(0.2), weighted(0.2));
    let others = (temporary_siblings, weighted(0.15), backoff(0.2), together);
    (strategy, (limit(), forgive_after()), auto_shutdown, others)
        .prop_map(
            |(
                strategy,
                (limit, forgive_after),
                auto_shutdown,
                (temporary_siblings, keep_alive, backoff, (starts_together, stops_together)),
            )| Settings {
                strategy,
                limit,
                forgive_after,
                auto_shutdown,
                temporary_siblings,
                keep_alive,
                starts_together,
                stops_together,
                backoff,
                dynamic: None,
            },
        )
        .boxed()
}

fn sup(
    children: impl Generator<Value = Vec<Child>> + Clone,
    spares: impl Generator<Value = Vec<Child>> + Clone,
) -> impl Generator<Value = Sup> + Clone {
    (settings(), children, spares).prop_map(|(settings, children, spares)| Sup {
        settings,
        children,
        spares,
    })
}

/// A dynamic supervisor, whose children are added by hand.
fn dynamic() -> impl Generator<Value = Sup> + Clone {
    // Few histories start a significant child on demand, and then let it end.
    let auto_shutdown = prop_oneof![
        1 => Just(AutoShutdown::Never),
        1 => Just(AutoShutdown::AnySignificant),
        2 => Just(AutoShutdown::AllSignificant),
    ];
    let ends = (limit(), forgive_after(), auto_shutdown);
    (ends, 1..=3_usize, backoff(0.2), vec(worker(), 3..=3)).prop_map(
        |((limit, forgive_after, auto_shutdown), most, backoff, spares)| {
            let settings = Settings {
                limit,
                forgive_after,
                auto_shutdown,
                backoff,
                dynamic: Some(most),
                ..Settings::PLAIN
            };
            Sup { settings, children: Vec::new(), spares }
        },
    )
}

/// Trees of at most three levels, with up to five children for each supervisor and up to two more
/// that can be added.
pub(crate) fn trees() -> impl Generator<Value = Sup> {
    let lowest = sup(vec(worker(), 1..=3), vec(worker(), 0..=1));
    let spares = vec(prop_oneof![4 => worker(), 1 => nested(lowest.clone())], 0..=2);
    let middle = prop_oneof![8 => worker(), 2 => nested(lowest.clone()), 1 => nested(dynamic())];
    let middle = sup(vec(middle, 1..=4), spares.clone());
    let highest = prop_oneof![
        12 => worker(),
        2 => nested(lowest),
        3 => nested(dynamic()),
        4 => nested(middle),
    ];
    sup(vec(highest, 1..=5), spares)
}

fn asks() -> impl Generator<Value = Vec<Ask>> + Clone {
    let what = prop_oneof![
        Just(Command::Start),
        Just(Command::Stop),
        Just(Command::Restart),
        Just(Command::Replace),
        Just(Command::Remove),
    ];
    let at = |state| Just(Aim::At(state));
    let aim = prop_oneof![
        2 => Just(Aim::Any),
        1 => Just(Aim::Unknown),
        2 => Just(Aim::OnDemand),
        2 => Just(Aim::Ending),
        1 => at(ChildState::Starting),
        1 => at(ChildState::Stopping),
        1 => at(ChildState::Restarting),
        3 => Just(Aim::Waiting),
        1 => at(ChildState::Stopped),
        1 => at(ChildState::Finished),
        2 => at(ChildState::GivenUp),
    ];
    // A start by hand is aimed at children that are not listed yet, often below a dynamic
    // supervisor.
    let start = prop_oneof![1 => Just(Aim::Unknown), 2 => Just(Aim::OnDemand)];
    let start = start.prop_map(|aim| (Command::Start, aim));
    let ask = prop_oneof![4 => (what, aim), 1 => start];
    let ask = (ask, any::<usize>()).prop_map(|((what, aim), whom)| Ask { what, aim, whom });
    prop_oneof![3 => Just(Vec::new()), 4 => vec(ask.clone(), 1..=1), 1 => vec(ask, 2..=3)]
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
        1 => Just(What::Decline),
    ];
    let act = (any::<usize>(), what).prop_map(|(whom, what)| Act { whom, what });
    let acts = prop_oneof![1 => vec(act.clone(), 0..=1), 2 => vec(act, 1..=3)];
    let finale = prop_oneof![
        6 => Just(Finale::Shutdown),
        1 => Just(Finale::Kill),
        1 => Just(Finale::DropOwner),
    ];
    let step = (wait, acts, asks(), any::<bool>(), option::weighted(0.06, finale));
    let step = step.prop_map(|(wait, acts, asks, asks_first, finale)| Step {
        wait,
        acts,
        asks,
        asks_first,
        finale,
    });
    vec(step, 1..16)
}
