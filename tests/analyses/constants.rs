//! Every analysis of a table of trees, in a constant and at run time.

use std::hint::black_box;
use std::time::Duration;

use sage_supervisor::__private::{
    DeclaredChild, DeclaredStart, DeclaredSupervisor, Written, assert_has_time,
};
use sage_supervisor::{
    RestartConfig, RestartPolicy, Shutdown, StaticChild, StaticLimit, StaticTree, Strategy,
    Supervisor,
};

use crate::unwritten::{NO_CHILD, NOT_WRITTEN};

const fn of(children: &'static [StaticChild]) -> StaticTree {
    DeclaredSupervisor { children, ..NOT_WRITTEN }.tree()
}

const fn seconds(time: u64) -> Written<Shutdown> {
    Written::Known(Shutdown::Timeout(Duration::from_secs(time)))
}

const fn worker(name: &'static str, shutdown: Written<Shutdown>) -> StaticChild {
    DeclaredChild { name, shutdown, ..NO_CHILD }.child()
}

const fn value(name: &'static str, shutdown: Written<Shutdown>) -> StaticChild {
    DeclaredChild { name, shutdown, start: DeclaredStart::Value, ..NO_CHILD }.child()
}

const fn nested(
    name: &'static str,
    shutdown: Written<Shutdown>,
    children: &'static [StaticChild],
) -> StaticChild {
    DeclaredChild { name, shutdown, start: DeclaredStart::Nested(of(children)), ..NO_CHILD }.child()
}

const BRUTAL_KILL: Written<Shutdown> = Written::Known(Shutdown::BrutalKill);
const INFINITY: Written<Shutdown> = Written::Known(Shutdown::Infinity);

/// The table: each tree, its analyses, and their results.
macro_rules! table {
    ($($tree:expr, $analysis:ident($($argument:expr),*): $type:ty = $expected:expr;)*) => {$({
        const TREE: StaticTree = $tree;
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
        of(&[worker("a", Written::Known(Shutdown::Timeout(Duration::from_micros(1_001))))]),
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

#[test]
fn without_a_bound_the_worst_case_is_the_largest_number_and_fits_nowhere() {
    table! {
        of(&[worker("a", INFINITY)]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[worker("a", seconds(366 * 24 * 60 * 60))]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[worker("a", Written::Unknown)]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[value("a", Written::No)]), worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[value("a", seconds(1))]), worst_case_shutdown_ms(): u64 = 1_000;
        of(&[nested("a", Written::No, &[worker("b", INFINITY)])]),
            worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[nested("a", Written::Unknown, &[worker("b", seconds(1))])]),
            worst_case_shutdown_ms(): u64 = u64::MAX;
        of(&[nested("a", seconds(3), &[worker("b", INFINITY)])]),
            worst_case_shutdown_ms(): u64 = 3_000;
        of(&[nested("a", seconds(3), &[value("b", Written::No)])]),
            worst_case_shutdown_ms(): u64 = 3_000;
        of(&[worker("a", seconds(1)), worker("b", INFINITY)]), fits_within_ms(u64::MAX): bool = false;
        of(&[value("a", Written::No)]), fits_within_ms(u64::MAX): bool = false;
        of(&[worker("a", seconds(1))]), fits_within_ms(1_000): bool = true;
        of(&[worker("a", seconds(1))]), fits_within_ms(999): bool = false;
    }
}

#[test]
fn an_assertion_that_holds_says_nothing() {
    const TREE: StaticTree = of(&[worker("a", seconds(5))]);
    const ENDLESS: StaticTree = of(&[worker("a", INFINITY)]);
    const _: () = {
        TREE.assert_fits_within_ms(5_000);
        assert_has_time(&TREE, "a", 5_000);
        // A `brutal_kill` needs no time, so it has enough.
        assert_has_time(&TREE, "a", 0);
        // A supervisor without a bound cannot be compared with a timeout.
        assert_has_time(&ENDLESS, "a", 1);
    };
    black_box(TREE).assert_fits_within_ms(5_000);
    assert_has_time(&black_box(TREE), "a", 5_000);
    assert_has_time(&black_box(TREE), "a", 0);
    assert_has_time(&black_box(ENDLESS), "a", 1);
}

const fn graced(kill_grace_ms: Written<u64>, children: &'static [StaticChild]) -> StaticTree {
    DeclaredSupervisor { kill_grace_ms, children, ..NOT_WRITTEN }.tree()
}

const fn entry(tree: StaticTree) -> StaticChild {
    DeclaredChild { start: DeclaredStart::Nested(tree), ..NO_CHILD }.child()
}

#[test]
fn the_kill_grace_is_the_longest_that_a_child_has() {
    const LEAF: StaticChild = NO_CHILD.child();
    table! {
        of(&[]), kill_grace_ms(): u64 = 0;
        of(&[LEAF]), kill_grace_ms(): u64 = 1_000;
        graced(Written::Known(20), &[LEAF]), kill_grace_ms(): u64 = 20;
        graced(Written::Known(0), &[LEAF]), kill_grace_ms(): u64 = 1;
        graced(Written::Known(u64::MAX), &[LEAF]), kill_grace_ms(): u64 = 365 * 24 * 60 * 60 * 1_000;
        graced(Written::Unknown, &[LEAF]), kill_grace_ms(): u64 = u64::MAX;
        graced(Written::Known(20), &[entry(of(&[LEAF]))]), kill_grace_ms(): u64 = 20;
        graced(Written::Known(20), &[entry(graced(Written::Known(30), &[LEAF]))]),
            kill_grace_ms(): u64 = 30;
        graced(Written::Known(20), &[LEAF, entry(graced(Written::Known(10), &[LEAF]))]),
            kill_grace_ms(): u64 = 20;
        // No child inherits the unknown kill grace of the root.
        graced(Written::Unknown, &[entry(graced(Written::Known(30), &[LEAF]))]),
            kill_grace_ms(): u64 = 30;
    }
}

const fn limited(
    max_restarts: Written<Option<u32>>,
    children: &'static [StaticChild],
) -> StaticTree {
    DeclaredSupervisor { max_restarts, children, ..NOT_WRITTEN }.tree()
}

const fn restarted(name: &'static str, restart: RestartPolicy, tree: StaticTree) -> StaticChild {
    let start = DeclaredStart::Nested(tree);
    DeclaredChild { name, restart: Written::Known(restart), start, ..NO_CHILD }.child()
}

const fn leaf(restart: Written<RestartPolicy>, significant: bool) -> StaticChild {
    DeclaredChild { name: "leaf", restart, significant, ..NO_CHILD }.child()
}

const fn most(restarts: u32) -> Written<Option<u32>> {
    Written::Known(Some(restarts))
}

#[test]
fn the_starts_of_a_child_are_the_product_of_the_limits_above_it() {
    use RestartPolicy::{Permanent, Temporary, Transient};
    const LEAF: StaticChild = leaf(Written::No, false);
    const ONCE: StaticChild = leaf(Written::Known(Temporary), false);
    const LAST: StaticChild = leaf(Written::Known(Temporary), true);
    table! {
        of(&[LEAF]), max_starts("leaf"): u64 = 6;
        limited(most(0), &[LEAF]), max_starts("leaf"): u64 = 1;
        limited(most(2), &[ONCE]), max_starts("leaf"): u64 = 1;
        limited(most(2), &[LAST]), max_starts("leaf"): u64 = 1;
        limited(most(2), &[leaf(Written::Known(Transient), false)]), max_starts("leaf"): u64 = 3;
        limited(most(2), &[leaf(Written::Unknown, false)]), max_starts("leaf"): u64 = 3;
        limited(most(2), &[value("leaf", Written::No)]), max_starts("leaf"): u64 = 3;
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
    const LEAF: StaticChild = leaf(Written::No, false);
    const UNLIMITED: Written<Option<u32>> = Written::Known(None);
    table! {
        limited(UNLIMITED, &[LEAF]), max_starts("leaf"): u64 = u64::MAX;
        limited(Written::Unknown, &[LEAF]), max_starts("leaf"): u64 = u64::MAX;
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

/// The defaults are read from the runtime itself, so no copy is compared.
#[test]
fn what_is_not_written_is_the_default_of_the_runtime() {
    const LEAF: StaticChild = NO_CHILD.child();
    const TREE: StaticTree = of(&[]);
    let config = RestartConfig::default();
    assert_eq!(TREE.strategy(), Some(Strategy::default()));
    assert_eq!(TREE.max_restarts(), StaticLimit::AtMost(config.max_restarts));
    assert_eq!(TREE.within(), Some(config.within));
    let spec = sage_supervisor::__private::closure("child", async |_| {});
    assert_eq!(LEAF.restart(), Some(spec.restart_policy()));
    assert_eq!(LEAF.shutdown(), Some(spec.shutdown_setting()));
    let nested = Supervisor::new(Strategy::OneForOne, config);
    let spec = sage_supervisor::__private::child("child", nested);
    assert_eq!(entry(TREE).restart(), Some(spec.restart_policy()));
    assert_eq!(entry(TREE).shutdown(), Some(spec.shutdown_setting()));
}

#[test]
fn what_is_written_can_be_read() {
    const TREE: StaticTree = DeclaredSupervisor {
        name: "storage",
        own_name: Written::No,
        function: None,
        description: "The data.",
        strategy: Written::Known(Strategy::RestForOne),
        max_restarts: most(3),
        within_ms: Written::Known(1_500),
        kill_grace_ms: Written::No,
        children: &[DeclaredChild {
            name: "pool",
            description: "Connections.",
            restart: Written::Known(RestartPolicy::Transient),
            shutdown: BRUTAL_KILL,
            significant: true,
            start: DeclaredStart::Value,
        }
        .child()],
    }
    .tree();
    const POOL: &StaticChild = &TREE.children()[0];
    const PARENT: StaticTree = of(&[entry(TREE)]);
    assert_eq!((TREE.name(), TREE.description()), ("storage", "The data."));
    assert_eq!(TREE.strategy(), Some(Strategy::RestForOne));
    assert_eq!(
        (TREE.max_restarts(), TREE.within()),
        (StaticLimit::AtMost(3), Some(Duration::from_millis(1_500)))
    );
    assert_eq!((POOL.name(), POOL.description()), ("pool", "Connections."));
    assert_eq!(POOL.restart(), Some(RestartPolicy::Transient));
    assert_eq!(POOL.shutdown(), Some(Shutdown::BrutalKill));
    assert!(POOL.is_significant() && !NO_CHILD.child().is_significant());
    assert_eq!(PARENT.children()[0].tree().map(StaticTree::name), Some("storage"));
    assert!(POOL.tree().is_none());
}

#[test]
fn what_is_known_only_at_run_time_is_none() {
    const TREE: StaticTree = DeclaredSupervisor {
        strategy: Written::Unknown,
        max_restarts: Written::Unknown,
        within_ms: Written::Unknown,
        ..NOT_WRITTEN
    }
    .tree();
    const CHILD: StaticChild =
        DeclaredChild { restart: Written::Unknown, shutdown: Written::Unknown, ..NO_CHILD }.child();
    const VALUE: StaticChild = DeclaredChild { start: DeclaredStart::Value, ..NO_CHILD }.child();
    assert_eq!(
        (TREE.strategy(), TREE.max_restarts(), TREE.within()),
        (None, StaticLimit::Unknown, None)
    );
    assert_eq!((CHILD.restart(), CHILD.shutdown()), (None, None));
    assert_eq!((VALUE.restart(), VALUE.shutdown()), (None, None), "what it says itself");
}
