//! Children that give random commands at random moments: none of them waits for ever (rule 28).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;
use sage_supervisor::{
    ChildContext, ChildSpec, IntoChild, RestartConfig, RestartPolicy, Shutdown, Strategy as Order,
    Supervisor, SupervisorHandle,
};
use sage_supervisor_tests::quiet_panics;
use tokio::time::{Instant, sleep, timeout};

/// The longest time that the children of a tree take for all that they do by themselves.
const ALL_WORK: Duration = Duration::from_secs(3_600);
/// A time that is over only in a tree that hangs.
const FOR_EVER: Duration = Duration::from_secs(10 * 24 * 3_600);
/// The number of instances of a child that do more than to wait for their end.
const BUSY: u64 = 2;

#[derive(Clone, Copy, Debug)]
enum Command {
    Start,
    Stop,
    Restart,
    Replace,
    Reload,
    Remove,
    Started,
}

#[derive(Clone, Copy, Debug)]
struct Act {
    /// The seconds before the command.
    after: u8,
    command: Command,
    /// The child that the command is about, as an index of all paths.
    whom: usize,
}

/// The acts of an instance, and whether it fails before it is asked to stop.
#[derive(Clone, Debug)]
struct Life {
    before_ready: Vec<Act>,
    running: Vec<Act>,
    cleanup: Vec<Act>,
    fails: bool,
}

#[derive(Clone, Debug)]
enum Node {
    Worker { is_ready_later: bool, lives: Vec<Life> },
    Nested { order: Order, children: Vec<Self> },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let command = prop_oneof![
        1 => Just(Command::Start),
        2 => Just(Command::Stop),
        3 => Just(Command::Restart),
        2 => Just(Command::Replace),
        1 => Just(Command::Reload),
        1 => Just(Command::Remove),
        1 => Just(Command::Started),
    ];
    let act = (0..4_u8, command, any::<usize>());
    vec(act.prop_map(|(after, command, whom)| Act { after, command, whom }), 0..3)
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::OneForOne), Just(Order::OneForAll), Just(Order::RestForOne)]
}

fn worker() -> impl Strategy<Value = Node> {
    let life = (acts(), acts(), acts(), any::<bool>()).prop_map(
        |(before_ready, running, cleanup, fails)| Life { before_ready, running, cleanup, fails },
    );
    let lives = vec(life, usize::try_from(BUSY).unwrap());
    (any::<bool>(), lives)
        .prop_map(|(is_ready_later, lives)| Node::Worker { is_ready_later, lives })
}

fn node() -> impl Strategy<Value = Node> {
    worker().prop_recursive(2, 8, 3, |node| {
        (order(), vec(node, 1..4)).prop_map(|(order, children)| Node::Nested { order, children })
    })
}

/// The facts that the children of one tree share.
#[derive(Default)]
struct Shared {
    paths: Mutex<Vec<String>>,
    given: AtomicUsize,
    answered: AtomicUsize,
    pending: Mutex<Vec<String>>,
}

impl Shared {
    async fn act(&self, handle: &SupervisorHandle, caller: &str, act: Act) {
        sleep(Duration::from_secs(act.after.into())).await;
        let path = {
            let paths = self.paths.lock().unwrap();
            paths[act.whom % paths.len()].clone()
        };
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        let text = format!("{number}: {caller} {:?} {path}", act.command);
        self.pending.lock().unwrap().push(text.clone());
        let above = path.rsplit_once('/').expect("every path has a root").0;
        let spec = ChildSpec::new(format!("x{number}"), async |ctx: ChildContext| {
            sleep(Duration::from_secs(1)).await;
            ctx.ready().await;
            ctx.cancelled().await;
        });
        let spec = spec.ready_within(FOR_EVER);
        let _ = match act.command {
            Command::Start => {
                let spec = spec.restart(RestartPolicy::Temporary);
                handle.start_child_below(&format!("/{above}"), spec).await
            }
            Command::Replace => handle.replace_child(&path, spec).await,
            Command::Reload => {
                let next = Supervisor::new(Order::OneForAll, RestartConfig::default());
                handle.reload(next.keep_alive(true).children([spec])).await.map(drop)
            }
            Command::Stop => handle.stop_child(&format!("/{path}")).await,
            Command::Restart => handle.restart_child(&path).await,
            Command::Remove => handle.remove_child(&path).await,
            Command::Started => {
                let _ = handle.started().await;
                Ok(())
            }
        };
        self.pending.lock().unwrap().retain(|pending| *pending != text);
        self.answered.fetch_add(1, Ordering::SeqCst);
    }

    async fn live(&self, ctx: &ChildContext, life: &Life) {
        let (handle, path) = (ctx.supervisor(), ctx.path());
        for act in &life.before_ready {
            self.act(&handle, &format!("{path} (unready)"), *act).await;
        }
        ctx.ready().await;
        for act in &life.running {
            self.act(&handle, &path, *act).await;
        }
        sleep(Duration::from_secs(1)).await;
        assert!(!life.fails || ctx.is_cancelled(), "expected: at random");
        ctx.cancelled().await;
        for act in &life.cleanup {
            self.act(&handle, &format!("{path} (cleanup)"), *act).await;
        }
    }
}

fn child(node: &Node, name: &str, path: &str, shared: &Arc<Shared>) -> ChildSpec {
    shared.paths.lock().unwrap().push(path.to_owned());
    match node.clone() {
        Node::Worker { is_ready_later, lives } => {
            let (shared, began) = (Arc::clone(shared), Arc::new(AtomicUsize::new(0)));
            let spec = ChildSpec::new(name, move |ctx: ChildContext| {
                let life = lives.get(began.fetch_add(1, Ordering::SeqCst)).cloned();
                let shared = Arc::clone(&shared);
                async move {
                    match life {
                        Some(life) => shared.live(&ctx, &life).await,
                        None => {
                            ctx.ready().await;
                            ctx.cancelled().await;
                        }
                    }
                }
            });
            let spec = spec.shutdown(Shutdown::Infinity);
            if is_ready_later { spec.ready_within(FOR_EVER) } else { spec }
        }
        Node::Nested { order, children } => {
            let nested = tree(order, &children, path, shared);
            nested.into_child(name.to_owned()).restart(RestartPolicy::Permanent)
        }
    }
}

fn tree(order: Order, children: &[Node], path: &str, shared: &Arc<Shared>) -> Supervisor {
    let specs = children.iter().enumerate().map(|(number, node)| {
        let name = format!("c{number}");
        child(node, &name, &format!("{path}/{name}"), shared)
    });
    let specs: Vec<_> = specs.collect();
    Supervisor::new(order, sage_supervisor_tests::limit(1_000))
        .keep_alive(true)
        // A child may fail at the moment at which the tree is asked to stop.
        .tolerate_unclean_stop(true)
        .children(specs)
}

/// Children whose shutdown time is unlimited would wait for ever if they waited for themselves.
async fn nothing_waits_for_ever(order: Order, children: &[Node]) {
    let shared = Arc::new(Shared::default());
    let running = tree(order, children, "root", &shared).start();
    sleep(ALL_WORK).await;
    let pending = shared.pending.lock().unwrap().clone();
    assert!(pending.is_empty(), "unanswered: {pending:?}");
    let asked = Instant::now();
    let ended = timeout(FOR_EVER, running.shutdown()).await;
    let pending = shared.pending.lock().unwrap().clone();
    ended.unwrap_or_else(|_| panic!("the shutdown hangs: {pending:?}")).expect("it ends well");
    assert!(asked.elapsed() < ALL_WORK, "the shutdown took {:?}", asked.elapsed());
}

#[test]
fn rule_28_no_child_waits_for_ever_for_a_command_of_its_own() {
    quiet_panics();
    let cases = std::env::var("SAGE_INSIDE_CASES").map_or(500, |cases| cases.parse().unwrap());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    proptest!(config, |(order in order(), children in vec(node(), 1..4))| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(nothing_waits_for_ever(order, &children));
    });
}
