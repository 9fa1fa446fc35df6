//! Restart limits and delayed restarts: how long a dependency may be away (rule 17).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use sage_supervisor::{
    Backoff, ChildSpec, ChildState, DynamicSupervisor, EventKind, IntoChild, RestartConfig,
    SageError, Strategy, Supervisor, supervisor,
};
use sage_supervisor_tests::{Log, Puppet, limit, settle, supervisor};
use tokio::time::{Instant, sleep};

use crate::backoff::backoff;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A database that is away until it comes back, and its client, which fails without it.
#[derive(Clone, Default)]
struct Database {
    is_back: Arc<AtomicBool>,
    attempts: Arc<AtomicU32>,
}

impl Database {
    fn client(&self) -> ChildSpec {
        let database = self.clone();
        ChildSpec::new("client", move |ctx| {
            let database = database.clone();
            async move {
                database.attempts.fetch_add(1, Ordering::Relaxed);
                if !database.is_back.load(Ordering::Relaxed) {
                    return Err("connection refused");
                }
                ctx.cancelled().await;
                Ok(())
            }
        })
    }

    fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }
}

/// Keeps the database away for half an hour, and expects the tree to be as it was after that.
async fn survives(database: &Database, tree: Supervisor, client: &str) {
    let running = tree.start();
    sleep(MINUTE * 30).await;
    assert!(!running.handle().has_ended(), "{:?}", running.wait().await);
    assert!(database.attempts() > 30, "it was tried again and again");
    database.is_back.store(true, Ordering::Relaxed);
    sleep(MINUTE + SECOND).await;
    let attempts = database.attempts();
    let client = running.handle().child(client).await.unwrap();
    assert_eq!(client.state, ChildState::Running);
    sleep(MINUTE * 30).await;
    assert_eq!(database.attempts(), attempts, "it stays up");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_17_a_dependency_may_be_away_for_half_an_hour() {
    // The backoff is that of a child, of its supervisor, and of a nested supervisor, all by hand.
    let database = Database::default();
    let other = Puppet::new("other", &Log::default());
    let child = database.client().backoff(backoff());
    survives(&database, supervisor(Strategy::OneForOne).children([child, other.spec()]), "client")
        .await;
    assert_eq!(other.starts(), 1);

    let database = Database::default();
    let tree = supervisor(Strategy::OneForAll).backoff(backoff()).children([database.client()]);
    survives(&database, tree, "client").await;

    let database = Database::default();
    let inner = supervisor(Strategy::OneForOne).children([database.client()]);
    let inner = inner.into_child("inner".to_owned()).backoff(backoff());
    survives(&database, supervisor(Strategy::OneForOne).children([inner]), "inner/client").await;

    // In a block.
    let database = Database::default();
    let tree = supervisor! {
        #[child(backoff(initial = "1s", max = "1m"))]
        client = database.client(),
    };
    survives(&database, tree, "client").await;

    let database = Database::default();
    let tree = supervisor! {
        backoff(initial = "100ms", max = "5s"),

        #[child]
        client = database.client(),
    };
    survives(&database, tree, "client").await;
}

#[tokio::test(start_paused = true)]
async fn rule_17_children_on_demand_wait_for_a_dependency_too() {
    let (database, pool) = (Database::default(), DynamicSupervisor::new().backoff(backoff()));
    let running = pool.clone().start();
    pool.start_child(database.client()).await.unwrap();
    sleep(MINUTE * 30).await;
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();

    let pool = DynamicSupervisor::new().restart_limit(RestartConfig::default()).backoff(backoff());
    let (running, began) = (pool.clone().start(), Instant::now());
    pool.start_child(database.client()).await.unwrap();
    running.wait().await.unwrap_err();
    assert_eq!(began.elapsed(), SECOND * (1 + 2 + 4 + 8 + 16));
}

/// Returns how long the tree lives, and expects it to reach its restart limit.
async fn lives(mut tree: Supervisor) -> Duration {
    let began = Instant::now();
    let error = tree.run().await.unwrap_err();
    assert!(matches!(error, SageError::Supervisor(_)), "{error}");
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn rule_17_a_limit_that_is_set_counts_what_is_delayed() {
    let client = || Database::default().client();
    // A limit of other numbers than the default was set by somebody.
    let tree = |config| Supervisor::new(Strategy::OneForOne, config).backoff(backoff());
    let three = lives(tree(limit(3)).children([client()])).await;
    assert_eq!(three, SECOND * (1 + 2 + 4));
    // The default itself is set by a method of its own.
    let five = tree(limit(5)).restart_limit(limit(5)).children([client()]);
    assert_eq!(lives(five).await, SECOND * (1 + 2 + 4 + 8 + 16));
    let tree = supervisor! {
        max_restarts = 5,
        backoff(initial = "1s", jitter = 0),

        #[child]
        client = client(),
    };
    assert_eq!(lives(tree).await, SECOND * (1 + 2 + 4 + 8 + 16));
    let tree = supervisor! {
        within = "60s",

        #[child(backoff(initial = "1s", jitter = 0))]
        client = client(),
    };
    assert_eq!(lives(tree).await, SECOND * (1 + 2 + 4 + 8 + 16));
}

/// A delay of zero is no delay, and neither is a child without a backoff delayed.
#[tokio::test(start_paused = true)]
async fn rule_17_without_a_delay_the_default_limit_counts() {
    let (client, began) = (|| Database::default().client(), Instant::now());
    let tree = supervisor(Strategy::OneForOne).children([client()]);
    assert_eq!(lives(tree).await, Duration::ZERO);
    let none = client().backoff(|_: u32| Duration::ZERO);
    assert_eq!(lives(supervisor(Strategy::OneForOne).children([none])).await, Duration::ZERO);
    // The first three restarts are not delayed, and the others are. Two more at once end the tree.
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &Log::default()));
    let late = a.spec().backoff(|restarts: u32| SECOND * u32::from(restarts > 3));
    let running = supervisor(Strategy::OneForOne).children([late, b.spec()]).start();
    for starts in 1..20 {
        a.started(starts).await;
        a.fail("again");
    }
    a.started(20).await;
    assert_eq!(began.elapsed(), SECOND * 16);
    for starts in 2..=3 {
        b.fail("at once");
        b.started(starts).await;
    }
    b.fail("one too many");
    running.wait().await.unwrap_err();
}

/// A limit of a child's own has been set by somebody.
#[tokio::test(start_paused = true)]
async fn rule_20_the_limit_of_a_child_counts_what_is_delayed() {
    let database = Database::default();
    let other = Puppet::new("other", &Log::default());
    let child = database.client().backoff(backoff()).restart_limit(limit(5));
    let running = supervisor(Strategy::OneForOne).children([child, other.spec()]).start();
    sleep(MINUTE).await;
    let client = running.handle().child("client").await.unwrap();
    assert_eq!((client.state, database.attempts()), (ChildState::GivenUp, 6));
    let tree = running.handle().tree().await.unwrap();
    let budget = tree.root.limit.unwrap();
    assert_eq!((budget.used, budget.left, budget.uncounted), (0, 5, 5));
    let own = tree.root.children[0].own_limit.unwrap();
    assert_eq!((own.used, own.left, own.uncounted), (5, 0, 0));
    running.shutdown().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_17_a_snapshot_and_the_events_say_what_counts() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running =
        supervisor(Strategy::OneForOne).children([a.spec().backoff(backoff()), b.spec()]).start();
    let mut events = running.handle().tree_events();
    settle().await;
    for starts in 2..=3 {
        a.fail("delayed");
        a.started(starts).await;
    }
    b.fail("at once");
    b.started(2).await;
    let tree = running.handle().tree().await.unwrap();
    let budget = tree.root.limit.unwrap();
    assert_eq!((budget.used, budget.left, budget.uncounted), (1, 4, 2));
    let drawn = tree.to_string();
    let said = "1 of 5 restarts in 1min and 2 delayed ones, which do not count";
    assert!(drawn.contains(said), "{drawn}");
    running.shutdown().await.unwrap();
    let mut counted = Vec::new();
    while let Some(Ok(event)) = events.recv().await {
        if let EventKind::Restarting { used, allowed, .. } = event.kind {
            counted.push((used, allowed));
        }
    }
    assert_eq!(counted, [(0, None), (0, None), (1, Some(5))]);
}

#[tokio::test(start_paused = true)]
async fn rule_21_a_backoff_does_not_ask_how_an_instance_ended() {
    let a = Puppet::new("a", &Log::default());
    let running = supervisor(Strategy::OneForOne)
        .backoff(Backoff::exponential(SECOND).jitter(0.0))
        .children([a.spec()])
        .start();
    settle().await;
    for (starts, seconds) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60)] {
        let began = Instant::now();
        match starts % 2 {
            0 => a.fail("again"),
            _ => a.finish(),
        }
        a.started(starts + 1).await;
        assert_eq!(began.elapsed(), SECOND * seconds);
    }
    running.shutdown().await.unwrap();
}
