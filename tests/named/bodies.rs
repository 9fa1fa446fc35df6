//! Named trees with statements in front of their children, and with children that are added at run time.

use std::time::Duration;

use sage_supervisor::{ChildContext, DynamicSupervisor, OnceChild, Supervisor, supervisor};
use sage_supervisor_tests::trees::storage;
use sage_supervisor_tests::{Log, Puppet, settle};
use tokio::sync::mpsc;
use tokio::time::Instant;

supervisor! {
    /// Everything but the log is made in the tree.
    fn app<S: AsRef<str>>(shards: &[S], log: &Log) -> Supervisor {
        let (orders, mut inbox) = mpsc::channel::<String>(8);
        inbox.close();
        drop(orders);
        let [pool, cache] = ["pool", "cache"].map(|name| Puppet::new(name, log));
        let log: Log = log.clone();
        let rooms = DynamicSupervisor::new();
        let mut list = Vec::new();
        for shard in shards {
            list.push(Puppet::new(shard.as_ref(), &log).spec());
        }
        if list.is_empty() {
            log.push("no shards");
        }

        shutdown_budget = "85s",

        #[child(shutdown = "10s")]
        rooms = rooms.clone(),

        #[child(restart = "temporary", clone(rooms, log), lend(inbox))]
        door = async move |ctx: ChildContext| {
            log.push(format!("{} orders", inbox.len()));
            let once = OnceChild::new("guest", async |ctx: ChildContext| ctx.cancelled().await);
            rooms.start_child(once).await.unwrap();
            ctx.cancelled().await;
        },

        #[child(shutdown = "30s")]
        shards = supervisor! { strategy = "one_for_all" }.children(list),

        #[child(tree, shutdown = "40s")]
        storage = storage(pool, cache).child("extra", Puppet::new("extra", &log).spec()),
    }
}

const _: () = app::TREE.assert_fits_within_ms(85_000);

#[tokio::test(start_paused = true)]
async fn statements_run_once_at_the_call_and_hand_their_values_to_the_children() {
    let log = Log::default();
    let supervisor = app(&["left", "right"], &log);
    assert_eq!(log.take(), "");
    let running = supervisor.start();
    settle().await;
    assert_eq!(log.take(), "0 orders +left +right +pool +cache +extra");
    let tree = running.handle().tree().await.unwrap();
    for path in ["rooms/guest-1", "shards/left", "shards/right", "storage/cache", "storage/extra"] {
        assert!(tree.find(path).is_some(), "{path}");
    }
    let before = Instant::now();
    running.shutdown().await.unwrap();
    assert!(before.elapsed() <= Duration::from_millis(app::TREE.worst_case_shutdown_ms()));
    assert_eq!(log.take(), "-extra -cache -pool -right -left");
    drop(app::<&str>(&[], &log));
    assert_eq!(log.take(), "no shards");
}
