//! The tree of a declaration, and the handle of the root (rules 30 and 33).

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor, PartitionedSupervisor,
    RestartConfig, RestartPolicy, SageError, Strategy, Supervisor, TreeNode, supervisor as block,
};
use sage_supervisor_tests::{limit, settle, supervisor};
use tokio::sync::{mpsc, oneshot};

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// All that a declaration says of a node, in a line for each.
fn facts(node: &TreeNode) -> Vec<String> {
    let limit = |limit: &sage_supervisor::LimitStatus| (limit.max_restarts, limit.within);
    let own = format!(
        "{} {:?} {:?} {:?} {:?} {:?}",
        node.path,
        node.kind,
        node.restart,
        node.strategy,
        node.limit.as_ref().map(limit),
        node.own_limit.as_ref().map(limit)
    );
    std::iter::once(own).chain(node.children.iter().flat_map(facts)).collect()
}

fn every_kind() -> Supervisor {
    let twice = RestartConfig { max_restarts: 2, within: Duration::from_secs(5) };
    let storage = Supervisor::new(Strategy::OneForAll, limit(1)).children([
        ChildSpec::new("writer", worker).restart_limit(twice),
        ChildSpec::blocking("index", |ctx| while !ctx.wait_cancelled(Duration::from_secs(60)) {})
            .restart(RestartPolicy::Temporary),
    ]);
    supervisor(Strategy::RestForOne)
        .name("shop")
        .child("storage", storage)
        .child("jobs", DynamicSupervisor::new().unlimited_restarts())
        .child("sessions", PartitionedSupervisor::new(2, DynamicSupervisor::new))
        .children([ChildSpec::command("cat", || tokio::process::Command::new("cat"))])
}

const DRAWING: &str = "\
○ shop          not started  rest_for_one, 5 restarts in 1min
├─ ○ storage    not started  transient, one_for_all, 1 restart in 1min
│  ├─ ○ writer  not started  permanent, of its own 2 restarts in 5s
│  └─ ○ index   not started  thread, temporary
├─ ○ jobs       not started  transient, one_for_one, no restart limit
├─ ○ sessions   not started  transient, one_for_one, 5 restarts in 1min
│  ├─ ○ 0       not started  transient, one_for_one, 5 restarts in 1min
│  └─ ○ 1       not started  transient, one_for_one, 5 restarts in 1min
└─ ○ cat        not started  process, permanent";

#[tokio::test(start_paused = true)]
async fn rule_33_a_tree_can_be_drawn_before_it_is_started() {
    let tree = every_kind().tree();
    assert_eq!(tree.to_string(), DRAWING);
    assert!(tree.to_dot().contains("writer\\nnot started"), "{}", tree.to_dot());
    assert!(tree.root.children.iter().all(|child| child.state == ChildState::NotStarted));
    let text = serde_json::to_value(&tree).unwrap();
    assert_eq!(text["root"]["state"], "not_started");
    assert_eq!(text["root"]["children"][0]["limit"]["left"], 1);

    let declared = block! {
        name = "shop",

        #[child(restart = "transient")]
        importer = worker,
    };
    let drawing = "○ shop         not started  one_for_one, 5 restarts in 1min\n\
                   └─ ○ importer  not started  transient";
    assert_eq!(declared.tree().to_string(), drawing);
    assert_eq!(Supervisor::new(Strategy::OneForOne, limit(1)).tree().root.path, "root");
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_tree_is_declared_as_it_then_runs() {
    let declared = facts(&every_kind().tree().root);
    let running = every_kind().start();
    running.started().await.unwrap();
    let seen = facts(&running.handle().tree().await.unwrap().root);
    assert_eq!(declared, seen);
    running.kill().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_30_the_handle_of_the_root_is_about_the_whole_tree() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let (end, ending) = oneshot::channel::<()>();
    let ending = std::sync::Mutex::new(Some(ending));
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        let (tell, ending) = (tell.clone(), ending.lock().unwrap().take().expect("it runs once"));
        async move {
            let (own, root) = (ctx.supervisor(), ctx.supervisor().root());
            tell.send((own.path(), root.path(), root.root().path())).unwrap();
            let of_the_root = root.children().await.unwrap();
            assert_eq!(of_the_root.len(), 1);
            assert_eq!(of_the_root[0].path, "app/inner");
            assert_eq!(root.child("inner/child").await.unwrap().state, ChildState::Running);
            // The child is known as the one that waits, whatever supervisor the handle is about.
            let refused = root.wait().await.unwrap_err();
            let SageError::Other(refused) = refused else { panic!("{refused}") };
            let refused = refused.get_ref().downcast_ref::<CommandError>();
            let Some(CommandError::WaitsForCaller { path, caller, .. }) = refused else {
                panic!("{refused:?}");
            };
            assert_eq!((path.as_str(), caller.as_str()), ("app/inner", "app/inner/child"));
            ending.await.unwrap();
            // The request is answered at once.
            root.shutdown_because("enough").await.unwrap();
            ctx.cancelled().await;
        }
    });
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([child]);
    let running = supervisor(Strategy::OneForOne).name("app").child("inner", inner).start();
    settle().await;
    let paths = ["app/inner", "app", "app"].map(str::to_owned);
    assert_eq!(told.try_recv().unwrap(), paths.into());
    assert_eq!(running.handle().root().path(), "app");
    assert!(format!("{:?}", running.handle()).contains("path: \"app\""));
    end.send(()).unwrap();
    let report = running.wait_with_report().await;
    assert_eq!(report.cause.to_string(), "asked by child `app/inner/child`: enough");

    // A tree that was refused has a handle too.
    let refused = supervisor(Strategy::OneForOne).name("a/b").start();
    assert_eq!(refused.handle().root().path(), refused.handle().path());
    assert!(refused.wait().await.is_err());
}

block! {
    fn pipeline(told: mpsc::UnboundedSender<u32>) -> Supervisor {
        let (orders, inbox) = mpsc::channel::<u32>(8);
        let jobs = DynamicSupervisor::new();

        #[child]
        jobs = jobs,

        #[child(lend(inbox), clone(told), shutdown = "brutal_kill")]
        writes = async move |_| {
            while let Some(order) = inbox.recv().await {
                let _ = told.send(order);
            }
        },

        #[child(clone(orders), restart = "temporary")]
        reads = async move |_| {
            orders.send(7).await?;
            Ok(())
        },
    }
}

/// What stands in front of the entries is run once for each call of the function, and is no part of the
/// constant.
#[tokio::test(start_paused = true)]
async fn rule_33_a_named_tree_may_make_its_channels_itself() {
    let (told, mut tell) = mpsc::unbounded_channel();
    let [first, second] = [(); 2].map(|()| pipeline(told.clone()).start());
    assert_eq!([tell.recv().await, tell.recv().await], [Some(7), Some(7)]);
    let names = pipeline::TREE.children().iter().map(sage_supervisor::DeclaredChild::name);
    assert_eq!(names.collect::<Vec<_>>(), ["jobs", "writes", "reads"]);
    assert_eq!(pipeline::TREE.worst_case_shutdown_ms(), u64::MAX, "the value `jobs` is not known");
    for running in [first, second] {
        running.shutdown().await.unwrap();
    }
}

block! {
    fn shards() -> Supervisor {
        #[child]
        first = worker,
    }

    fn sharded(number: u32) -> Supervisor {
        let more = (1..number).map(|shard| ChildSpec::new(format!("shard-{shard}"), worker));

        #[child(tree, shutdown = "9s")]
        shards = shards().children(more),
    }
}

/// What a loop adds is unknown to the constant, and bounded by the time of the entry.
#[tokio::test(start_paused = true)]
async fn rule_33_children_of_a_loop_may_be_added_behind_a_named_tree() {
    const { sharded::TREE.assert_fits_within_ms(9_000) };
    let drawn = sharded::TREE.to_string();
    assert!(drawn.ends_with("└─ ..     made at run time"), "{drawn}");
    let running = sharded(3).start();
    running.started().await.unwrap();
    let tree = running.handle().tree().await.unwrap();
    let names = tree.root.children[0].children.iter().map(|child| child.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["first", "shard-1", "shard-2"]);
    running.shutdown().await.unwrap();
}
