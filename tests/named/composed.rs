//! Trees of another crate in a tree of this one.

use sage_supervisor::{DeclaredChild, DeclaredTree, Supervisor, supervisor};
use sage_supervisor_tests::trees::{self, storage};
use sage_supervisor_tests::{Log, Puppet, settle};

supervisor! {
    /// The whole of it.
    pub(crate) fn app(log: &Log) -> Supervisor {
        shutdown_budget = "36s",

        /// The data.
        #[child(tree)]
        db = storage(Puppet::new("pool", log), Puppet::new("cache", log)),

        /// The tree has a name of its own.
        #[child(tree, shutdown = "infinity")]
        entry = trees::renamed(Puppet::new("worker", log)).keep_alive(true),

        #[child]
        web = async |ctx| ctx.cancelled().await,
    }
}

const _: () = app::TREE.assert_fits_within_ms(36_000);
const _: () = assert!(!app::TREE.fits_within_ms(35_999));
const _: () = assert!(app::TREE.max_starts("db/pool") == 3 * 6);

const DRAWING: &str = "\
app           one_for_one, 5 restarts in 1m, 36s to stop
├─ db         transient  30s to stop   6 starts  The data.
│  ├─ pool    permanent  20s to stop  18 starts  Connections to the database.
│  └─ cache   transient  10s to stop  18 starts
├─ own        transient   1s to stop   6 starts  The tree has a name of its own.
│  └─ worker  permanent   1s to stop  36 starts
└─ web        permanent   5s to stop   6 starts";

#[test]
fn trees_of_other_crates_are_part_of_the_tree() {
    assert_eq!(app::TREE.to_string(), DRAWING);
    assert_eq!(app::TREE.name(), "app");
    assert_eq!(app::TREE.description(), "The whole of it.");
    assert_eq!(storage::TREE.name(), "storage");
    assert_eq!(
        storage::TREE.description(),
        "Storage: the pool first, then the cache that reads from it."
    );
    assert_eq!(trees::renamed::TREE.name(), "own");
}

#[tokio::test(start_paused = true)]
async fn what_runs_has_the_names_of_what_was_declared() {
    let log = Log::default();
    let running = app(&log).start();
    settle().await;
    assert_eq!(log.take(), "+pool +cache +worker");
    let tree = running.handle().tree().await.unwrap();
    let mut declared = app::TREE.children().iter();
    assert_eq!(tree.root.name, app::TREE.name());
    for (node, child) in tree.root.children.iter().zip(declared.by_ref()) {
        assert_eq!(node.name, child.name());
        let below = child.tree().map(DeclaredTree::children).unwrap_or_default();
        let below = below.iter().map(DeclaredChild::name).collect::<Vec<_>>();
        let nodes = node.children.iter().map(|node| node.name.as_str()).collect::<Vec<_>>();
        assert_eq!(nodes, below);
    }
    assert_eq!((tree.root.children.len(), declared.len()), (3, 0));
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "-worker -cache -pool");
}
