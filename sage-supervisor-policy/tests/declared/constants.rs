//! Every analysis of a table of trees, in a constant and at run time.

use std::hint::black_box;
use std::time::Duration;

use sage_supervisor::Supervisor;
use sage_supervisor_policy::{
    DeclaredBackoff, DeclaredChild, DeclaredLimit, DeclaredTree, Order, RestartConfig,
    RestartPolicy, Setting, Shutdown, Strategy, WrittenChild, WrittenStart, WrittenTree,
};

use crate::unwritten::{NO_CHILD, NOT_WRITTEN};

const fn of(children: &'static [DeclaredChild<'static>]) -> DeclaredTree<'static> {
    WrittenTree { children, ..NOT_WRITTEN }.declare()
}

const fn seconds(time: u64) -> Setting<Shutdown> {
    Setting::Known(Shutdown::Timeout(Duration::from_secs(time)))
}

const fn worker(name: &'static str, shutdown: Setting<Shutdown>) -> DeclaredChild<'static> {
    WrittenChild { name, shutdown, ..NO_CHILD }.declare()
}

const fn value(name: &'static str, shutdown: Setting<Shutdown>) -> DeclaredChild<'static> {
    WrittenChild { name, shutdown, start: WrittenStart::Value, ..NO_CHILD }.declare()
}

const fn nested(
    name: &'static str,
    shutdown: Setting<Shutdown>,
    children: &'static [DeclaredChild<'static>],
) -> DeclaredChild<'static> {
    WrittenChild { name, shutdown, start: WrittenStart::Nested(of(children)), ..NO_CHILD }.declare()
}

const BRUTAL_KILL: Setting<Shutdown> = Setting::Known(Shutdown::BrutalKill);
const INFINITY: Setting<Shutdown> = Setting::Known(Shutdown::Infinity);

/// The table: each tree, its analyses, and their results.
macro_rules! table {
    ($($tree:expr, $analysis:ident($($argument:expr),*): $type:ty = $expected:expr;)*) => {$({
        const TREE: DeclaredTree<'static> = $tree;
        const SAID: $type = TREE.$analysis($($argument),*);
        let expected: $type = $expected;
        assert_eq!(SAID, expected, "{}", stringify!($tree));
        assert_eq!(black_box(TREE).$analysis($($argument),*), expected, "{}", stringify!($tree));
    })*};
}

#[test]
fn the_worst_case_is_the_sum_over_all_that_stop_one_after_another() {
    table! {
        of(&[]), worst_case_shutdown_ms(): u64 = 0;
        of(&[worker("a", seconds(2)), worker("b", seconds(3))]),
            worst_case_shutdown_ms(): u64 = 5_000;
        of(&[worker("a", BRUTAL_KILL), worker("b", seconds(0))]), worst_case_shutdown_ms(): u64 = 0;
        of(&[worker("a", Setting::Known(Shutdown::Timeout(Duration::from_micros(1_001))))]),
            worst_case_shutdown_ms(): u64 = 2;
        of(&[nested("a", INFINITY, &[worker("b", seconds(2)), worker("c", seconds(3))])]),
            worst_case_shutdown_ms(): u64 = 5_000;
        of(&[nested("a", seconds(4), &[worker("b", seconds(2)), worker("c", seconds(3))])]),
            worst_case_shutdown_ms(): u64 = 4_000;
        of(&[nested("a", seconds(9), &[worker("b", seconds(2)), worker("c", seconds(3))])]),
            worst_case_shutdown_ms(): u64 = 5_000;
        of(&[nested("a", BRUTAL_KILL, &[worker("b", seconds(2))])]),
            worst_case_shutdown_ms(): u64 = 0;
    }
}

/// A pool of workers that have two seconds each.
const fn pool(instances: Setting<u32>) -> DeclaredChild<'static> {
    worker("a", seconds(2)).pooled(instances, false)
}

#[test]
fn the_children_of_a_pool_stop_one_after_another_or_together() {
    table! {
        of(&[pool(Setting::Known(4))]), worst_case_shutdown_ms(): u64 = 8_000;
        of(&[pool(Setting::Known(0))]), worst_case_shutdown_ms(): u64 = 0;
        of(&[pool(Setting::Dynamic)]), worst_case_shutdown_ms(): u64 = u64::MAX;
        together(&[pool(Setting::Known(4))]), worst_case_shutdown_ms(): u64 = 2_000;
        together(&[pool(Setting::Dynamic)]), worst_case_shutdown_ms(): u64 = 2_000;
        of(&[worker("a", BRUTAL_KILL).pooled(Setting::Dynamic, true)]), worst_case_shutdown_ms(): u64 = 0;
        of(&[worker("a", INFINITY).pooled(Setting::Known(4), false)]),
            worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[pool(Setting::Known(4))]), max_starts("a-3"): u64 = 6;
        of(&[pool(Setting::Dynamic)]), max_starts("a-123"): u64 = 6;
    }
}

/// A tree whose children stop together.
const fn together(children: &'static [DeclaredChild<'static>]) -> DeclaredTree<'static> {
    of(children).ordered(Setting::Unset, Setting::Known(Order::Together))
}

const UNKNOWN_ORDER: Setting<Order> = Setting::Dynamic;

#[test]
fn the_worst_case_is_the_longest_of_all_that_stop_together() {
    table! {
        together(&[]), worst_case_shutdown_ms(): u64 = 0;
        together(&[worker("a", seconds(2)), worker("b", seconds(3)), worker("c", seconds(1))]),
            worst_case_shutdown_ms(): u64 = 3_000;
        together(&[nested("a", INFINITY, &[worker("b", seconds(2)), worker("c", seconds(3))]),
            worker("d", seconds(4))]),
            worst_case_shutdown_ms(): u64 = 5_000;
        together(&[worker("a", seconds(1)), worker("b", INFINITY)]),
            worst_case_shutdown_ms(): u64 = u64::MAX;
        together(&[worker("a", seconds(1)), worker("b", Setting::Dynamic)]),
            worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[worker("a", seconds(2)), worker("b", seconds(3))]).ordered(UNKNOWN_ORDER, UNKNOWN_ORDER),
            worst_case_shutdown_ms(): u64 = 5_000;
        of(&[worker("a", seconds(2)), worker("b", seconds(3))])
            .ordered(Setting::Known(Order::Together), Setting::Unset),
            worst_case_shutdown_ms(): u64 = 5_000;
    }
}

#[test]
fn without_a_bound_the_worst_case_is_the_largest_number_and_fits_nowhere() {
    table! {
        of(&[worker("a", INFINITY)]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[worker("a", seconds(366 * 24 * 60 * 60))]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[worker("a", Setting::Dynamic)]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[value("a", Setting::Unset)]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[value("a", seconds(1))]), worst_case_shutdown_ms(): u64 = 1_000;
        of(&[nested("a", Setting::Unset, &[worker("b", INFINITY)])]),
            worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[nested("a", Setting::Dynamic, &[worker("b", seconds(1))])]),
            worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[nested("a", seconds(3), &[worker("b", INFINITY)])]),
            worst_case_shutdown_ms(): u64 = 3_000;
        of(&[nested("a", seconds(3), &[value("b", Setting::Unset)])]),
            worst_case_shutdown_ms(): u64 = 3_000;
        of(&[worker("a", seconds(1)), worker("b", INFINITY)]), fits_within_ms(u64::MAX): bool = false;
        of(&[value("a", Setting::Unset)]), fits_within_ms(u64::MAX): bool = false;
        of(&[worker("a", seconds(1))]), fits_within_ms(1_000): bool = true;
        of(&[worker("a", seconds(1))]), fits_within_ms(999): bool = false;
    }
}

#[test]
fn an_assertion_that_holds_says_nothing() {
    const TREE: DeclaredTree<'static> = of(&[worker("a", seconds(5))]);
    const ENDLESS: DeclaredTree<'static> = of(&[worker("a", INFINITY)]);
    const _: () = {
        TREE.assert_fits_within_ms(5_000);
        TREE.assert_has_time("a", 5_000);
        // A time of zero is a kill on purpose.
        TREE.assert_has_time("a", 0);
        // A supervisor without a bound cannot be compared with a timeout.
        ENDLESS.assert_has_time("a", 1);
    };
    black_box(TREE).assert_fits_within_ms(5_000);
    black_box(TREE).assert_has_time("a", 5_000);
    black_box(TREE).assert_has_time("a", 0);
    black_box(ENDLESS).assert_has_time("a", 1);
}

const fn graced(
    kill_grace_ms: Setting<u64>,
    children: &'static [DeclaredChild<'static>],
) -> DeclaredTree<'static> {
    WrittenTree { kill_grace_ms, children, ..NOT_WRITTEN }.declare()
}

const fn entry(tree: DeclaredTree<'static>) -> DeclaredChild<'static> {
    WrittenChild { start: WrittenStart::Nested(tree), ..NO_CHILD }.declare()
}

#[test]
fn the_kill_grace_is_the_longest_that_a_child_has() {
    const LEAF: DeclaredChild<'static> = NO_CHILD.declare();
    table! {
        of(&[]), kill_grace_ms(): u64 = 0;
        of(&[LEAF]), kill_grace_ms(): u64 = 1_000;
        graced(Setting::Known(20), &[LEAF]), kill_grace_ms(): u64 = 20;
        graced(Setting::Known(0), &[LEAF]), kill_grace_ms(): u64 = 1;
        graced(Setting::Known(u64::MAX), &[LEAF]), kill_grace_ms(): u64 = 365 * 24 * 60 * 60 * 1_000;
        graced(Setting::Dynamic, &[LEAF]), kill_grace_ms(): u64 = u64::MAX;
        graced(Setting::Known(20), &[entry(of(&[LEAF]))]), kill_grace_ms(): u64 = 20;
        graced(Setting::Known(20), &[entry(graced(Setting::Known(30), &[LEAF]))]),
            kill_grace_ms(): u64 = 30;
        graced(Setting::Known(20), &[LEAF, entry(graced(Setting::Known(10), &[LEAF]))]),
            kill_grace_ms(): u64 = 20;
        // No child inherits the unknown grace of the root.
        graced(Setting::Dynamic, &[entry(graced(Setting::Known(30), &[LEAF]))]),
            kill_grace_ms(): u64 = 30;
    }
}

const fn limited(
    max_restarts: Setting<Option<u32>>,
    children: &'static [DeclaredChild<'static>],
) -> DeclaredTree<'static> {
    WrittenTree { max_restarts, children, ..NOT_WRITTEN }.declare()
}

const fn restarted(
    name: &'static str,
    restart: RestartPolicy,
    tree: DeclaredTree<'static>,
) -> DeclaredChild<'static> {
    let start = WrittenStart::Nested(tree);
    WrittenChild { name, restart: Setting::Known(restart), start, ..NO_CHILD }.declare()
}

const fn leaf(restart: Setting<RestartPolicy>, significant: bool) -> DeclaredChild<'static> {
    WrittenChild { name: "leaf", restart, significant, ..NO_CHILD }.declare()
}

const fn most(restarts: u32) -> Setting<Option<u32>> {
    Setting::Known(Some(restarts))
}

#[test]
fn the_starts_of_a_child_are_the_product_of_the_limits_above_it() {
    use RestartPolicy::{Permanent, Temporary, Transient};
    const LEAF: DeclaredChild<'static> = leaf(Setting::Unset, false);
    const ONCE: DeclaredChild<'static> = leaf(Setting::Known(Temporary), false);
    const LAST: DeclaredChild<'static> = leaf(Setting::Known(Temporary), true);
    table! {
        of(&[LEAF]), max_starts("leaf"): u64 = 6;
        limited(most(0), &[LEAF]), max_starts("leaf"): u64 = 1;
        limited(most(2), &[ONCE]), max_starts("leaf"): u64 = 1;
        limited(most(2), &[LAST]), max_starts("leaf"): u64 = 1;
        limited(most(2), &[leaf(Setting::Known(Transient), false)]), max_starts("leaf"): u64 = 3;
        limited(most(2), &[leaf(Setting::Dynamic, false)]), max_starts("leaf"): u64 = 3;
        limited(most(2), &[value("leaf", Setting::Unset)]), max_starts("leaf"): u64 = 3;
        limited(most(2), &[restarted("a", Transient, limited(most(3), &[LEAF]))]),
            max_starts("a/leaf"): u64 = 12;
        limited(most(2), &[restarted("a", Transient, limited(most(3), &[LEAF]))]),
            max_starts("a"): u64 = 3;
        limited(most(2), &[restarted("a", Temporary, limited(most(3), &[LEAF]))]),
            max_starts("a/leaf"): u64 = 4;
        // The leaf leaves its supervisor to end by itself. A permanent entry is restarted for that.
        limited(most(2), &[restarted("a", Transient, limited(most(3), &[ONCE]))]),
            max_starts("a/leaf"): u64 = 1;
        limited(most(2), &[restarted("a", Permanent, limited(most(3), &[ONCE]))]),
            max_starts("a/leaf"): u64 = 3;
        // The leaf takes its supervisor along.
        limited(most(2), &[restarted("a", Transient, limited(most(3), &[LAST]))]),
            max_starts("a/leaf"): u64 = 3;
    }
}

#[test]
fn without_a_limit_there_is_no_end_of_starts() {
    use RestartPolicy::{Temporary, Transient};
    const LEAF: DeclaredChild<'static> = leaf(Setting::Unset, false);
    const UNLIMITED: Setting<Option<u32>> = Setting::Known(None);
    table! {
        limited(UNLIMITED, &[LEAF]), max_starts("leaf"): u64 = u64::MAX;
        limited(Setting::Dynamic, &[LEAF]), max_starts("leaf"): u64 = u64::MAX;
        limited(UNLIMITED, &[restarted("a", Transient, limited(most(3), &[LEAF]))]),
            max_starts("a/leaf"): u64 = u64::MAX;
        limited(UNLIMITED, &[restarted("a", Temporary, limited(most(3), &[LEAF]))]),
            max_starts("a/leaf"): u64 = 4;
        limited(most(u32::MAX), &[restarted("a", Transient, limited(most(u32::MAX), &[
            restarted("b", Transient, limited(most(u32::MAX), &[LEAF])),
        ]))]), max_starts("a/b/leaf"): u64 = u64::MAX;
        limited(most(2), &[LEAF, restarted("a", Temporary, limited(most(9), &[LEAF]))]),
            restart_storm(): u64 = 10;
        limited(most(2), &[LEAF, restarted("a", Temporary, limited(most(1), &[LEAF]))]),
            restart_storm(): u64 = 3;
        of(&[]), restart_storm(): u64 = 0;
    }
}

const fn delays(initial_ms: u64, factor: f64, jitter: f64) -> Setting<DeclaredBackoff> {
    let (max_ms, reset_after_ms) = (60_000, 60_000);
    Setting::Known(DeclaredBackoff { initial_ms, max_ms, factor, jitter, reset_after_ms })
}

#[test]
fn a_tree_gives_up_after_the_sum_of_its_delays() {
    use RestartPolicy::{Temporary, Transient};
    const LEAF: DeclaredChild<'static> = leaf(Setting::Unset, false);
    const ONCE: DeclaredChild<'static> = leaf(Setting::Known(Temporary), false);
    const UNLIMITED: Setting<Option<u32>> = Setting::Known(None);
    const DOUBLING: Setting<DeclaredBackoff> = delays(1_000, 2.0, 0.0);
    const SHORTER: Setting<DeclaredBackoff> = delays(1_000, 2.0, 0.1);
    table! {
        of(&[LEAF]), gives_up_after_ms("leaf"): u64 = 0;
        limited(most(5), &[LEAF]).delayed(DOUBLING), gives_up_after_ms("leaf"): u64 = 31_000;
        limited(most(5), &[LEAF]).delayed(DOUBLING), max_starts("leaf"): u64 = 6;
        limited(most(5), &[LEAF.delayed(DOUBLING)]), gives_up_after_ms("leaf"): u64 = 31_000;
        limited(most(5), &[LEAF.delayed(SHORTER)]), gives_up_after_ms("leaf"): u64 = 27_900;
        // The backoff of the child takes the place of that of its supervisor.
        limited(most(5), &[LEAF.delayed(delays(1, 1.0, 0.0))]).delayed(DOUBLING),
            gives_up_after_ms("leaf"): u64 = 5;
        // The seventh failure comes after 63 s, or with luck after 56.7 s.
        limited(most(6), &[LEAF.delayed(DOUBLING)]), gives_up_after_ms("leaf"): u64 = u64::MAX;
        limited(most(6), &[LEAF.delayed(DOUBLING)]), max_starts("leaf"): u64 = u64::MAX;
        limited(most(6), &[LEAF.delayed(SHORTER)]), gives_up_after_ms("leaf"): u64 = 56_700;
        limited(most(6), &[LEAF.delayed(SHORTER)]), max_starts("leaf"): u64 = u64::MAX;
        // The delays just fill the window, and timers are never early.
        limited(most(5), &[LEAF.delayed(delays(12_000, 1.0, 0.0))]),
            gives_up_after_ms("leaf"): u64 = 60_000;
        limited(most(5), &[LEAF.delayed(delays(12_000, 1.0, 0.0))]),
            max_starts("leaf"): u64 = u64::MAX;
        // Nobody has set the limit.
        of(&[LEAF.delayed(DOUBLING)]), gives_up_after_ms("leaf"): u64 = u64::MAX;
        of(&[LEAF.delayed(DOUBLING)]), max_starts("leaf"): u64 = u64::MAX;
        of(&[LEAF]).delayed(DOUBLING), restart_storm(): u64 = u64::MAX;
        limited(UNLIMITED, &[LEAF]), gives_up_after_ms("leaf"): u64 = u64::MAX;
        of(&[ONCE]), gives_up_after_ms("leaf"): u64 = u64::MAX;
        // The number of delays does not matter.
        limited(most(u32::MAX), &[LEAF.delayed(delays(1, 1.0, 0.0))]),
            gives_up_after_ms("leaf"): u64 = u64::MAX;
        WrittenTree { within_ms: Setting::Known(u64::MAX), ..NOT_LIMITED }.declare().delayed(DOUBLING),
            gives_up_after_ms("leaf"): u64 = 63_000 + 60_000 * (4_000_000_000 - 6);
    }
    const NOT_LIMITED: WrittenTree<'static> =
        WrittenTree { max_restarts: most(4_000_000_000), children: &[LEAF], ..NOT_WRITTEN };
    // A time that is not known is as short as possible, and has no bound.
    table! {
        limited(Setting::Dynamic, &[LEAF.delayed(DOUBLING)]), gives_up_after_ms("leaf"): u64 = 0;
        limited(most(5), &[LEAF.delayed(Setting::Dynamic)]), gives_up_after_ms("leaf"): u64 = 0;
        limited(most(5), &[LEAF.delayed(Setting::Dynamic)]), max_starts("leaf"): u64 = u64::MAX;
        limited(most(5), &[value("leaf", Setting::Unset)]).delayed(DOUBLING),
            gives_up_after_ms("leaf"): u64 = 0;
        limited(most(5), &[value("leaf", Setting::Unset)]).delayed(DOUBLING),
            max_starts("leaf"): u64 = u64::MAX;
        limited(most(5), &[value("leaf", Setting::Unset).delayed(DOUBLING)]),
            gives_up_after_ms("leaf"): u64 = 31_000;
        WrittenTree { within_ms: Setting::Dynamic, ..NOT_LIMITED }.declare().delayed(delays(1, 1.0, 0.0)),
            gives_up_after_ms("leaf"): u64 = 4_000_000_000;
    }
    // The inner supervisor ends after 2 s, and is started again after 10 s and after 20 s.
    const INNER: DeclaredChild<'static> =
        restarted("a", Transient, limited(most(2), &[LEAF]).delayed(delays(1_000, 1.0, 0.0)));
    const SLOW: Setting<DeclaredBackoff> = delays(10_000, 2.0, 0.0);
    const RESET: Setting<DeclaredBackoff> = Setting::Known(DeclaredBackoff {
        initial_ms: 10_000,
        max_ms: 60_000,
        factor: 2.0,
        jitter: 0.0,
        reset_after_ms: 2_000,
    });
    table! {
        limited(most(2), &[INNER]).delayed(SLOW),
            gives_up_after_ms("a/leaf"): u64 = 2_000 + 12_000 + 22_000;
        limited(most(2), &[INNER]).delayed(SLOW), gives_up_after_ms("a"): u64 = 30_000;
        limited(most(2), &[INNER]).delayed(SLOW), max_starts("a/leaf"): u64 = 9;
        limited(most(2), &[INNER]).delayed(RESET),
            gives_up_after_ms("a/leaf"): u64 = 2_000 + 12_000 + 12_000;
        of(&[INNER.delayed(SLOW)]), gives_up_after_ms("a/leaf"): u64 = u64::MAX;
        // The inner supervisor may have been up for long enough each time.
        limited(most(2), &[INNER]).delayed(SLOW).forgiving(Setting::Known(2_000)),
            max_starts("a/leaf"): u64 = u64::MAX;
        limited(most(2), &[INNER]).delayed(SLOW).forgiving(Setting::Known(2_005)),
            max_starts("a/leaf"): u64 = 9;
        limited(most(2), &[INNER.forgiving(Setting::Known(2_005))])
            .forgiving(Setting::Known(1)), max_starts("a/leaf"): u64 = 9;
        limited(most(2), &[INNER.forgiving(Setting::Dynamic)]), max_starts("a/leaf"): u64 = u64::MAX;
    }
}

/// The defaults are read from the runtime itself, so no copy is compared.
#[test]
fn what_is_not_written_is_the_default_of_the_runtime() {
    const LEAF: DeclaredChild<'static> = NO_CHILD.declare();
    const TREE: DeclaredTree<'static> = of(&[]);
    let config = RestartConfig::default();
    assert_eq!(TREE.strategy(), Some(Strategy::default()));
    assert_eq!(TREE.max_restarts(), DeclaredLimit::AtMost(config.max_restarts));
    assert_eq!(TREE.within(), Some(config.within));
    let spec = sage_supervisor::expansion::closure("child", async |_| {});
    assert_eq!(LEAF.restart(), Some(spec.restart_policy()));
    assert_eq!(LEAF.shutdown(), Some(spec.shutdown_setting()));
    let nested = Supervisor::new(Strategy::OneForOne, config);
    let spec = sage_supervisor::expansion::child("child", nested);
    assert_eq!(entry(TREE).restart(), Some(spec.restart_policy()));
    assert_eq!(entry(TREE).shutdown(), Some(spec.shutdown_setting()));
}

#[test]
fn what_is_written_can_be_read() {
    const TREE: DeclaredTree<'static> = WrittenTree {
        name: "storage",
        own_name: Setting::Unset,
        function: None,
        description: "The data.",
        strategy: Setting::Known(Strategy::RestForOne),
        max_restarts: most(3),
        within_ms: Setting::Known(1_500),
        kill_grace_ms: Setting::Unset,
        children: &[WrittenChild {
            name: "pool",
            description: "Connections.",
            restart: Setting::Known(RestartPolicy::Transient),
            shutdown: BRUTAL_KILL,
            significant: true,
            start: WrittenStart::Value,
        }
        .declare()],
    }
    .declare();
    const POOL: &DeclaredChild<'static> = &TREE.children()[0];
    const PARENT: DeclaredTree<'static> = of(&[entry(TREE)]);
    assert_eq!((TREE.name(), TREE.description()), ("storage", "The data."));
    assert_eq!(TREE.strategy(), Some(Strategy::RestForOne));
    assert_eq!(
        (TREE.max_restarts(), TREE.within()),
        (DeclaredLimit::AtMost(3), Some(Duration::from_millis(1_500)))
    );
    assert_eq!((POOL.name(), POOL.description()), ("pool", "Connections."));
    assert_eq!(POOL.restart(), Some(RestartPolicy::Transient));
    assert_eq!(POOL.shutdown(), Some(Shutdown::BrutalKill));
    assert!(POOL.is_significant() && !NO_CHILD.declare().is_significant());
    assert_eq!(PARENT.children()[0].tree().map(DeclaredTree::name), Some("storage"));
    assert!(POOL.tree().is_none());
}

#[test]
fn what_is_known_only_at_run_time_is_none() {
    const TREE: DeclaredTree<'static> = WrittenTree {
        strategy: Setting::Dynamic,
        max_restarts: Setting::Dynamic,
        within_ms: Setting::Dynamic,
        ..NOT_WRITTEN
    }
    .declare();
    const CHILD: DeclaredChild<'static> =
        WrittenChild { restart: Setting::Dynamic, shutdown: Setting::Dynamic, ..NO_CHILD }
            .declare();
    const VALUE: DeclaredChild<'static> =
        WrittenChild { start: WrittenStart::Value, ..NO_CHILD }.declare();
    assert_eq!(
        (TREE.strategy(), TREE.max_restarts(), TREE.within()),
        (None, DeclaredLimit::Unknown, None)
    );
    assert_eq!((CHILD.restart(), CHILD.shutdown()), (None, None));
    assert_eq!((VALUE.restart(), VALUE.shutdown()), (None, None), "what it says itself");
}

#[test]
fn a_tree_survives_an_outage_that_is_shorter_than_its_patience() {
    use RestartPolicy::{Temporary, Transient};
    const LEAF: DeclaredChild<'static> = leaf(Setting::Unset, false);
    const DOUBLING: Setting<DeclaredBackoff> = delays(1_000, 2.0, 0.0);
    const TENTHS: Setting<DeclaredBackoff> = delays(100, 1.0, 0.0);
    table! {
        of(&[LEAF]), survives_outage_of("leaf", 0): bool = false;
        of(&[LEAF.delayed(DOUBLING)]), survives_outage_of("leaf", u64::MAX): bool = false;
        of(&[LEAF.delayed(DOUBLING)]), survives_outage_of("leaf", 1_000_000): bool = true;
        limited(most(5), &[LEAF.delayed(DOUBLING)]), survives_outage_of("leaf", 30): bool = true;
        limited(most(5), &[LEAF.delayed(DOUBLING)]), survives_outage_of("leaf", 31): bool = false;
        limited(most(5), &[LEAF]).delayed(DOUBLING), survives_outage_of("leaf", 30): bool = true;
        // It would be down for good.
        of(&[leaf(Setting::Known(Temporary), false).delayed(DOUBLING)]),
            survives_outage_of("leaf", 1): bool = false;
        of(&[leaf(Setting::Dynamic, false).delayed(DOUBLING)]), survives_outage_of("leaf", 1): bool = false;
        of(&[leaf(Setting::Known(Transient), false).delayed(DOUBLING)]),
            survives_outage_of("leaf", 1): bool = true;
        // A limit of its own gives up the child alone.
        of(&[LEAF.delayed(DOUBLING).limited(Setting::Known(3), Setting::Unset)]),
            survives_outage_of("leaf", 6): bool = true;
        of(&[LEAF.delayed(DOUBLING).limited(Setting::Known(3), Setting::Unset)]),
            survives_outage_of("leaf", 7): bool = false;
        of(&[LEAF.delayed(DOUBLING).limited(Setting::Unset, Setting::Known(1_000))]),
            survives_outage_of("leaf", 1_000_000): bool = true;
        of(&[LEAF.delayed(DOUBLING).limited(Setting::Dynamic, Setting::Unset)]),
            survives_outage_of("leaf", 1): bool = false;
        of(&[LEAF.delayed(DOUBLING).limited(Setting::Known(3), Setting::Dynamic)]),
            survives_outage_of("leaf", 7): bool = false;
    }
    // The supervisor below fails after half a second, and the one above after three times that.
    const BELOW: DeclaredTree<'static> = limited(most(5), &[LEAF.delayed(TENTHS)]);
    table! {
        limited(most(2), &[restarted("a", Transient, BELOW)]), survives_outage_of("a/leaf", 1): bool = true;
        limited(most(2), &[restarted("a", Transient, BELOW)]), survives_outage_of("a/leaf", 2): bool = false;
        of(&[restarted("a", Transient, BELOW).delayed(DOUBLING)]),
            survives_outage_of("a/leaf", 1_000): bool = true;
        of(&[restarted("a", Temporary, BELOW)]), survives_outage_of("a/leaf", 0): bool = true;
        of(&[restarted("a", Temporary, BELOW)]), survives_outage_of("a/leaf", 1): bool = false;
        of(&[restarted("a", Transient, BELOW).delayed(DOUBLING).limited(Setting::Known(0), Setting::Unset)]),
            survives_outage_of("a/leaf", 1): bool = false;
    }
}

const fn ready(name: &'static str, within_ms: u64) -> DeclaredChild<'static> {
    WrittenChild { name, ..NO_CHILD }.declare().ready_within(Setting::Known(within_ms))
}

const fn ordered(
    start: Order,
    children: &'static [DeclaredChild<'static>],
) -> DeclaredTree<'static> {
    of(children).ordered(Setting::Known(start), Setting::Unset)
}

#[test]
fn the_worst_start_is_the_sum_over_all_or_the_longest_together() {
    use Order::{InOrder, Together};
    const SLOW: DeclaredChild<'static> = ready("slow", 3_000);
    const FAST: DeclaredChild<'static> = ready("fast", 2_000);
    const PLAIN: DeclaredChild<'static> = worker("plain", seconds(5));
    const POOL: DeclaredChild<'static> = FAST.pooled(Setting::Known(4), false);
    table! {
        of(&[]), worst_case_startup_ms(): u64 = 0;
        of(&[PLAIN]), worst_case_startup_ms(): u64 = 0;
        of(&[SLOW, PLAIN, FAST]), worst_case_startup_ms(): u64 = 5_000;
        ordered(InOrder, &[SLOW, PLAIN, FAST]), worst_case_startup_ms(): u64 = 5_000;
        ordered(Together, &[SLOW, PLAIN, FAST]), worst_case_startup_ms(): u64 = 3_000;
        together(&[SLOW, FAST]), worst_case_startup_ms(): u64 = 5_000;
        of(&[SLOW, FAST]).ordered(UNKNOWN_ORDER, UNKNOWN_ORDER), worst_case_startup_ms(): u64 = 5_000;
        of(&[SLOW, nested("a", INFINITY, &[SLOW, FAST])]), worst_case_startup_ms(): u64 = 8_000;
        of(&[POOL]), worst_case_startup_ms(): u64 = 8_000;
        ordered(Together, &[POOL]), worst_case_startup_ms(): u64 = 2_000;
        of(&[FAST.pooled(Setting::Dynamic, false)]), worst_case_startup_ms(): u64 = u64::MAX;
        of(&[PLAIN.pooled(Setting::Dynamic, false)]), worst_case_startup_ms(): u64 = 0;
        of(&[PLAIN.ready_within(Setting::Dynamic)]), worst_case_startup_ms(): u64 = u64::MAX;
        of(&[value("a", seconds(1))]), worst_case_startup_ms(): u64 = u64::MAX;
        of(&[value("a", seconds(1)).ready_within(Setting::Known(7))]), worst_case_startup_ms(): u64 = 7;
        of(&[SLOW, ready("late", u64::MAX)]), worst_case_startup_ms(): u64 = u64::MAX;
    }
}
