//! Pools and optional children (rule 37).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, IntoChild, InvalidTreeKind, Order,
    RestartPolicy, SageError, Strategy, Supervisor, child, supervisor as block,
};
use sage_supervisor_tests::{Log, Puppet, limit, settle, supervisor};
use tokio::sync::mpsc;
use tokio::time::Instant;

async fn names(tree: Supervisor) -> Vec<String> {
    let running = tree.start();
    running.started().await.unwrap();
    let children = running.handle().children().await.unwrap();
    running.kill().await.unwrap();
    children.into_iter().map(|child| child.name).collect()
}

async fn waits(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child]
async fn shard(ctx: ChildContext, seen: mpsc::UnboundedSender<usize>) {
    seen.send(ctx.index()).unwrap();
    ctx.cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn rule_37_a_pool_is_as_many_siblings_with_numbered_names() {
    let tree = supervisor(Strategy::OneForOne).children([
        ChildSpec::new("first", waits),
        ChildSpec::new("worker", waits).instances(3),
        ChildSpec::new("last", waits),
    ]);
    assert_eq!(names(tree).await, ["first", "worker-0", "worker-1", "worker-2", "last"]);
    let one =
        supervisor(Strategy::OneForOne).child("worker", ChildSpec::new("w", waits).instances(1));
    assert_eq!(names(one).await, ["worker-0"]);
    let none = supervisor(Strategy::OneForOne)
        .children([ChildSpec::new("worker", waits).instances(0), ChildSpec::new("other", waits)]);
    assert_eq!(names(none).await, ["other"]);
}

#[tokio::test(start_paused = true)]
async fn rule_37_each_child_of_a_pool_knows_its_number_also_after_a_restart() {
    let (seen, mut indices) = mpsc::unbounded_channel();
    let tree = block! {
        #[child(instances = 3)]
        shard = shard(seen),

        #[child]
        other = async |ctx| {
            assert_eq!(ctx.index(), 0);
            ctx.cancelled().await;
        },
    };
    let running = tree.start();
    settle().await;
    let told = |indices: &mut mpsc::UnboundedReceiver<usize>| {
        let mut told: Vec<_> = std::iter::from_fn(|| indices.try_recv().ok()).collect();
        told.sort_unstable();
        told
    };
    assert_eq!(told(&mut indices), [0, 1, 2]);
    for name in ["shard-2", "shard-0"] {
        running.handle().restart_child(name).await.unwrap();
    }
    settle().await;
    assert_eq!(told(&mut indices), [0, 2]);
    running.kill().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_37_the_strategy_holds_among_the_children_of_a_pool() {
    for (strategy, restarts) in [
        (Strategy::OneForOne, [0, 1, 0]),
        (Strategy::RestForOne, [0, 1, 1]),
        (Strategy::OneForAll, [1, 1, 1]),
    ] {
        let fails = Arc::new(AtomicUsize::new(1));
        let worker = move |ctx: ChildContext| {
            let fails = Arc::clone(&fails);
            async move {
                if ctx.index() == 1 && fails.swap(0, Ordering::Relaxed) == 1 {
                    return Err("once");
                }
                ctx.cancelled().await;
                Ok(())
            }
        };
        let tree = Supervisor::new(strategy, limit(9))
            .children([ChildSpec::new("worker", worker).instances(3)]);
        let running = tree.start();
        settle().await;
        let children = running.handle().children().await.unwrap();
        let found: Vec<_> = children.iter().map(|child| child.restarts).collect();
        assert_eq!(found, restarts, "{strategy:?}");
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_37_every_kind_of_start_may_be_a_pool_in_a_block() {
    let log = Log::default();
    let puppet = Puppet::new("puppet", &log);
    let (count, text) = (2, "text".to_owned());
    let tree = block! {
        stop = "together",

        #[child(instances = count)]
        value = waits,

        #[child(instances = 1 + 1, clone(text))]
        closure = async move |ctx| {
            assert_eq!(text, "text");
            ctx.cancelled().await;
        },

        #[child(instances = 2, restart = "transient", max_restarts = 1)]
        spec = puppet.spec(),

        #[child(instances = 2)]
        thread = ChildSpec::blocking("thread", |ctx| {
            while !ctx.wait_cancelled(Duration::from_secs(60)) {}
        }),

        #[child(instances = 2)]
        program = ChildSpec::command("program", || {
            let mut command = tokio::process::Command::new("sleep");
            command.arg("1000");
            command
        }),
    };
    let found = names(tree).await;
    let expected = ["value", "closure", "spec", "thread", "program"];
    let expected: Vec<_> =
        expected.iter().flat_map(|name| [0, 1].map(|index| format!("{name}-{index}"))).collect();
    assert_eq!(found, expected);
}

#[tokio::test(start_paused = true)]
async fn rule_37_a_pool_that_stops_together_takes_as_long_as_one_child() {
    let slow = |ctx: ChildContext| async move {
        ctx.cancelled().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    };
    for (order, seconds) in [(Order::InOrder, 16), (Order::Together, 2)] {
        let pool = supervisor(Strategy::OneForOne)
            .stop_order(order)
            .children([ChildSpec::new("worker", slow).instances(8)]);
        let running = pool.start();
        settle().await;
        let began = Instant::now();
        running.shutdown().await.unwrap();
        assert_eq!(began.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_37_a_child_under_a_condition_is_there_if_that_holds() {
    for metrics in [true, false] {
        let tree = block! {
            #[child(when = metrics)]
            metrics = waits,

            #[cfg(any(unix, windows))]
            #[child(when = metrics && cfg!(test), instances = 2)]
            pool = waits,

            #[child(when = !metrics)]
            instead = supervisor! {
                #[child]
                leaf = waits,
            },

            // A start that is left out is not evaluated.
            #[child(when = false)]
            never = { assert!(metrics != metrics, "expected: never"); waits },

            #[child]
            always = waits,
        };
        let expected: &[&str] = match metrics {
            true => &["metrics", "pool-0", "pool-1", "always"],
            false => &["instead", "always"],
        };
        assert_eq!(names(tree).await, expected);
    }
    let by_hand = |is_there: bool| {
        supervisor(Strategy::OneForOne)
            .children(is_there.then(|| ChildSpec::new("metrics", waits)))
            .children([ChildSpec::new("always", waits)])
    };
    assert_eq!(names(by_hand(true)).await, ["metrics", "always"]);
    assert_eq!(names(by_hand(false)).await, ["always"]);
}

fn refused(error: &SageError) -> &InvalidTreeKind {
    let SageError::Invalid(invalid) = error else { panic!("{error:#}") };
    &invalid.kind
}

#[tokio::test(start_paused = true)]
async fn rule_37_what_belongs_to_one_child_is_no_pool() {
    let nested = supervisor(Strategy::OneForOne).children([ChildSpec::new("a", waits)]);
    let pool = nested.into_child("nested".to_owned()).instances(2);
    let error = supervisor(Strategy::OneForOne).children([pool]).run().await.unwrap_err();
    assert!(
        matches!(refused(&error), InvalidTreeKind::PoolOfSupervisors(name) if name == "nested")
    );
    let dynamic = DynamicSupervisor::new().into_child("jobs".to_owned()).instances(2);
    let error = supervisor(Strategy::OneForOne).children([dynamic]).run().await.unwrap_err();
    assert!(matches!(refused(&error), InvalidTreeKind::PoolOfSupervisors(_)));
    let lent = ChildSpec::lending("lent", 7, |ctx: ChildContext, _| waits(ctx)).instances(2);
    let error = supervisor(Strategy::OneForOne).children([lent]).run().await.unwrap_err();
    assert!(matches!(refused(&error), InvalidTreeKind::PoolOfLentValue(_)));
    // Names of other children.
    let twice = supervisor(Strategy::OneForOne).children([
        ChildSpec::new("worker-1", waits),
        ChildSpec::new("worker", waits).instances(2),
    ]);
    let error = { twice }.run().await.unwrap_err();
    assert!(matches!(refused(&error), InvalidTreeKind::DuplicateName(name) if name == "worker-1"));

    let running = supervisor(Strategy::OneForOne).keep_alive(true).start();
    let pool = || ChildSpec::new("worker", waits).instances(2);
    let refused = running.handle().start_child(pool()).await.unwrap_err();
    let CommandError::Invalid(invalid) = refused else { panic!("{refused}") };
    assert!(matches!(invalid.kind, InvalidTreeKind::PoolAtRunTime(_)));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_37_the_children_of_a_pool_have_limits_of_their_own() {
    let worker = |ctx: ChildContext| async move {
        if ctx.index() == 2 {
            return Err("never");
        }
        ctx.cancelled().await;
        Ok(())
    };
    let pool = ChildSpec::new("worker", worker)
        .restart(RestartPolicy::Transient)
        .restart_limit(limit(1))
        .instances(3);
    let running = supervisor(Strategy::OneForOne).children([pool]).start();
    settle().await;
    let states: Vec<_> = running.handle().children().await.unwrap();
    let states: Vec<_> = states.iter().map(|child| child.state.to_string()).collect();
    assert_eq!(states, ["running", "running", "given up"]);
    assert!(running.shutdown().await.is_err());
}

block! {
    fn declared(count: usize, metrics: bool) -> Supervisor {
        stop = "together",

        /// Works.
        #[child(instances = 4, shutdown = "2s")]
        worker = waits,

        #[child(instances = count, when = metrics, shutdown = "1s")]
        probe = waits,
    }
}

const DRAWING: &str = "\
declared        one_for_one, 5 restarts in 1m, stops together, 2s to stop
├─ worker-0..3  unknown  2s to stop  6 starts  Works.
└─ probe-*?     unknown  1s to stop  6 starts";

#[test]
fn rule_37_a_pool_is_one_line_of_the_declared_tree() {
    assert_eq!(declared::TREE.to_string(), DRAWING);
    let [worker, probe] = declared::TREE.children() else { panic!("there are two") };
    assert_eq!((worker.instances(), worker.is_optional()), (Some(4), false));
    assert_eq!((probe.instances(), probe.is_optional()), (None, true));
    assert_eq!(declared::TREE.max_starts("worker-3"), 6);
    drop(declared(1, true));
}
