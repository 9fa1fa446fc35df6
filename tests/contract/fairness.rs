//! Nobody who asks much, or works long, holds up what a supervisor has to do (rules 27 and 28).

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, RestartPolicy, RunningSupervisor,
    Shutdown, Strategy, SupervisorHandle,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, settle, supervisor, unclean};
use tokio::sync::oneshot;

/// The number of messages of one turn.
const TURN: usize = 1_024;

/// A time within which only what hangs is not over.
const LONG: Duration = Duration::from_secs(30);

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

type Asked<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A waker that counts how often it is woken: once for each answer.
#[derive(Default)]
struct Answers(AtomicUsize);

impl Answers {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Polls a command once, which sends it.
    fn ask<T>(
        self: &Arc<Self>,
        command: impl Future<Output = T> + Send + 'static,
    ) -> Option<Asked<T>> {
        let mut command: Asked<T> = Box::pin(command);
        let waker = Waker::from(Arc::clone(self));
        let polled = command.as_mut().poll(&mut Context::from_waker(&waker));
        polled.is_pending().then_some(command)
    }
}

impl Wake for Answers {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Yields until `answers` has counted to `all`. Returns the largest number of answers that came while
/// this task could not run.
async fn most_at_once(answers: &Answers, all: usize) -> usize {
    let (mut seen, mut most) = (answers.count(), 0);
    while seen < all {
        tokio::task::yield_now().await;
        most = most.max(answers.count() - seen);
        seen = answers.count();
    }
    most
}

#[tokio::test(start_paused = true)]
async fn rule_28_others_run_after_1024_messages_however_many_there_are() {
    const MANY: usize = 20_000;
    let running = supervisor(Strategy::OneForOne).child("a", idle).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let answers = Arc::new(Answers::default());
    let asked = (0..MANY).filter_map(|_| {
        let handle = handle.clone();
        answers.ask(async move { handle.child("a").await.is_ok() })
    });
    let asked: Vec<_> = asked.collect();
    let most = most_at_once(&answers, MANY).await;
    assert!(most <= TURN, "{most} at once");
    for answer in asked {
        assert!(answer.await);
    }
    running.shutdown().await.unwrap();
}

/// The exit of the child answers all callers.
#[tokio::test(start_paused = true)]
async fn rule_28_others_run_after_1024_answers_to_one_event() {
    const MANY: usize = 20_000;
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(1)));
    let running = supervisor(Strategy::OneForOne).children([slow.spec()]).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let answers = Arc::new(Answers::default());
    let asked = (0..MANY).filter_map(|_| {
        let handle = handle.clone();
        answers.ask(async move { handle.stop_child("slow").await.is_ok() })
    });
    let asked: Vec<_> = asked.collect();
    settle().await;
    assert_eq!(answers.count(), 0, "it has not ended");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let most = most_at_once(&answers, MANY).await;
    assert!(most <= TURN, "{most} at once");
    for answer in asked {
        assert!(answer.await);
    }
    running.shutdown().await.unwrap();
}

/// The callers wait for a start in a run that waits itself, for the end of the run before.
#[tokio::test(start_paused = true)]
async fn rule_28_very_many_callers_are_answered_before_an_earlier_run_is_over() {
    const MANY: usize = 3 * TURN;
    let pool = DynamicSupervisor::new();
    let first = pool.clone().start();
    let deaf = ChildSpec::new("deaf", |_: ChildContext| std::future::pending::<()>());
    pool.start_child(deaf.shutdown(Shutdown::Infinity)).await.unwrap();
    let ending = tokio::spawn(first.shutdown());
    settle().await;
    let second = pool.clone().start();
    let handle = second.handle();
    let answers = Arc::new(Answers::default());
    let start = {
        let handle = handle.clone();
        answers.ask(async move { handle.start_child(ChildSpec::new("x", idle)).await })
    };
    let asked = (0..MANY).filter_map(|_| {
        let handle = handle.clone();
        answers.ask(async move { handle.restart_child("x-1").await })
    });
    let asked: Vec<_> = start.into_iter().chain(asked).collect();
    handle.stop_child("x-1").await.unwrap();
    settle().await;
    assert_eq!(answers.count(), MANY + 1);
    for answer in asked {
        assert!(matches!(answer.await, Err(CommandError::Stopped { .. })));
    }
    assert!(!ending.is_finished());
    ending.abort();
    second.shutdown().await.unwrap();
}

/// The tree is killed while many commands are waiting.
#[tokio::test(start_paused = true)]
async fn rule_28_others_run_while_very_many_commands_are_refused() {
    const MANY: usize = 100_000;
    let running = supervisor(Strategy::OneForOne).child("a", idle).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let answers = Arc::new(Answers::default());
    let asked = (0..MANY).filter_map(|number| {
        let handle = handle.clone();
        let spec = ChildSpec::new(format!("x-{number}"), idle);
        answers.ask(async move { handle.start_child(spec).await })
    });
    let asked: Vec<_> = asked.collect();
    let killed = tokio::spawn(running.kill());
    let most = most_at_once(&answers, MANY).await;
    assert!(most <= 2 * TURN, "{most} at once");
    let mut started = 0;
    for answer in asked {
        match answer.await {
            Ok(()) => started += 1,
            Err(error) => assert!(matches!(error, CommandError::NotRunning { .. }), "{error}"),
        }
    }
    assert_eq!(started, TURN, "those of the turn before the kill");
    killed.await.unwrap().unwrap();
}

async fn a_request_overtakes(ask: impl AsyncFnOnce(SupervisorHandle)) {
    const MANY: usize = 50_000;
    let log = Log::default();
    let running = supervisor(Strategy::OneForOne).children([Puppet::new("a", &log).spec()]).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let answers = Arc::new(Answers::default());
    let asked = (0..MANY).filter_map(|number| {
        let handle = handle.clone();
        let spec = ChildSpec::new(format!("x-{number}"), idle);
        answers.ask(async move { handle.start_child(spec).await })
    });
    let asked: Vec<_> = asked.collect();
    ask(handle.clone()).await;
    handle.wait().await.unwrap();
    assert_eq!(log.take(), "+a -a");
    let mut started = 0;
    for answer in asked {
        match answer.await {
            Ok(()) => started += 1,
            Err(CommandError::NotRunning { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(started, TURN, "those of the turn before it is heard");
    drop(running);
}

#[tokio::test(start_paused = true)]
async fn rule_27_a_shutdown_overtakes_a_long_queue_of_commands() {
    a_request_overtakes(async |handle| handle.shutdown_because("now").await.unwrap()).await;
}

/// The first request is the one that is named, although none of the messages has been handled.
#[tokio::test(start_paused = true)]
async fn rule_27_of_two_requests_that_overtake_the_first_is_named() {
    a_request_overtakes(async |handle| {
        let asked = [handle.shutdown_because("first"), handle.shutdown_because("second")];
        let [first, second] = asked;
        let (first, second) = tokio::join!(first, second);
        first.and(second).unwrap();
        let report = handle.report().unwrap();
        assert_eq!(report.cause.to_string(), "asked through a handle: first");
    })
    .await;
}

/// Questions about all children wait for the end of the turn; commands do not.
#[tokio::test(start_paused = true)]
async fn rule_28_a_command_behind_questions_is_carried_out_before_they_are_answered() {
    let running = supervisor(Strategy::OneForOne).child("a", idle).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let order = Log::default();
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (handle, order) = (handle.clone(), order.clone());
        asking.spawn(async move {
            let count = match number % 3 {
                0 => handle.children().await.unwrap().len(),
                1 => handle.counts().await.unwrap().specs,
                _ => handle.tree().await.unwrap().root.children.len(),
            };
            order.push(format!("{count}"));
        });
    }
    let start = tokio::spawn({
        let (handle, order) = (handle.clone(), order.clone());
        async move {
            handle.start_child(ChildSpec::new("b", idle)).await.unwrap();
            order.push("started");
        }
    });
    start.await.unwrap();
    asking.join_all().await;
    let expected = format!("started{}", " 2".repeat(100));
    assert_eq!(order.take(), expected);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_question_sees_every_command_that_was_answered_before_it() {
    let pool = DynamicSupervisor::new();
    let tree = supervisor(Strategy::OneForOne).child("pool", pool.clone());
    let running = tree.start();
    running.started().await.unwrap();
    for number in 1..100 {
        pool.start_child(ChildSpec::new("x", idle)).await.unwrap();
        assert_eq!(pool.counts().await.unwrap().specs, number);
        assert_eq!(pool.children().await.unwrap().len(), number);
        let snapshot = running.handle().tree().await.unwrap();
        assert_eq!(snapshot.root.children[0].children.len(), number);
    }
    running.shutdown().await.unwrap();
}

/// The ways in which a child makes its supervisor do something.
#[derive(Clone, Copy, Debug)]
enum Way {
    ShutdownTree,
    ShutdownSupervisor,
    Shutdown,
    Stop,
    Restart,
    DropOther,
}

/// Asks for something that makes the sibling, or a child of the other tree, hear of its end, and polls at
/// most once.
fn ask_in(way: Way, ctx: &ChildContext, other: &mut Option<RunningSupervisor>) {
    let handle = ctx.supervisor();
    let mut command: Asked<()> = match way {
        Way::ShutdownTree => return ctx.shutdown_tree("done"),
        Way::ShutdownSupervisor => return ctx.shutdown_supervisor("done"),
        Way::DropOther => return drop(other.take()),
        Way::Shutdown => Box::pin(async move { handle.shutdown().await.unwrap() }),
        Way::Stop => Box::pin(async move { handle.stop_child("sibling").await.unwrap() }),
        Way::Restart => Box::pin(async move { handle.restart_child("sibling").await.unwrap() }),
    };
    let _: Poll<()> = command.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

/// A child asks its supervisor for something, and then blocks its thread until the supervisor has acted.
/// The engine must not wait behind the child on that thread while another thread is idle.
#[test]
fn rule_27_who_works_on_after_a_request_does_not_hold_it_up() {
    use Way::{DropOther, Restart, Shutdown, ShutdownSupervisor, ShutdownTree, Stop};
    for way in [ShutdownTree, ShutdownSupervisor, Shutdown, Stop, Restart, DropOther] {
        for _ in 0..5 {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(3)
                .enable_all()
                .build()
                .unwrap();
            let acted = runtime.block_on(one_round(way));
            assert!(acted, "{way:?} waited for the child that had asked");
        }
    }
}

async fn one_round(way: Way) -> bool {
    let (hears, heard) = mpsc::channel();
    let sibling = {
        let hears = hears.clone();
        move |ctx: ChildContext| {
            let hears = hears.clone();
            async move {
                ctx.cancelled().await;
                let _ = hears.send(());
            }
        }
    };
    let other = supervisor(Strategy::OneForOne).child("sibling", {
        let hears = hears.clone();
        // The drop of this tree ends the child, which then drops its sender.
        move |_: ChildContext| {
            struct Tells(mpsc::Sender<()>);
            impl Drop for Tells {
                fn drop(&mut self) {
                    let _ = self.0.send(());
                }
            }
            let tells = Tells(hears.clone());
            async move {
                let _tells = tells;
                std::future::pending::<()>().await;
            }
        }
    });
    let other = other.start();
    other.started().await.unwrap();
    let (told, result) = oneshot::channel();
    let once = std::sync::Mutex::new(Some((other, heard, told)));
    let busy = ChildSpec::new("busy", move |ctx: ChildContext| {
        let taken = once.lock().unwrap().take();
        async move {
            let Some((other, heard, told)) = taken else { return };
            let mut other = Some(other);
            // The other tasks get their first poll, so that no thread has anything to do but this.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            ask_in(way, &ctx, &mut other);
            // The receive blocks this thread.
            let _ = told.send(heard.recv_timeout(LONG).is_ok());
        }
    })
    .restart(RestartPolicy::Temporary);
    let sibling = ChildSpec::new("sibling", sibling);
    let running = supervisor(Strategy::OneForOne).children([busy, sibling]).start();
    let acted = result.await.unwrap();
    running.kill().await.unwrap();
    acted
}

/// The start function of a template blocks, for one of its children. The others wait for their turn
/// without a thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_28_a_start_that_blocks_holds_no_thread_but_its_own() {
    let (open, gate) = mpsc::channel::<()>();
    let (blocks, mut blocked) = tokio::sync::mpsc::unbounded_channel();
    let log = Log::default();
    let started = log.clone();
    let starts = std::cell::Cell::new(0);
    let template = ChildSpec::without_context("x", move || {
        starts.set(starts.get() + 1);
        started.push(format!("{}", starts.get()));
        if starts.get() == 1 {
            blocks.send(()).unwrap();
            let _ = gate.recv_timeout(LONG);
        }
        std::future::pending::<()>()
    });
    let template = Arc::new(template);
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    running.started().await.unwrap();
    for _ in 0..4 {
        pool.start_child(Arc::clone(&template)).await.unwrap();
    }
    blocked.recv().await.unwrap();
    // All others have been polled once this task has run several times on the only other thread.
    let others = tokio::spawn(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    tokio::time::timeout(LONG / 2, others).await.expect("a thread is free").unwrap();
    assert_eq!(log.take(), "1");
    // A child that waits for its turn can be stopped, and takes no turn then.
    pool.stop_child("x-4").await.ok();
    drop(open);
    while pool.counts().await.unwrap().running > 3 {
        tokio::task::yield_now().await;
    }
    running.shutdown().await.unwrap();
}

/// A caller that has received the result of a task may start the next task at once, also after a stop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_28_the_place_of_a_task_that_was_stopped_is_free_when_its_result_is_there() {
    let pool = DynamicSupervisor::new().max_children(1);
    let running = pool.clone().start();
    running.started().await.unwrap();
    for number in 0..2_000 {
        let work = move |ctx: ChildContext| async move {
            ctx.cancelled().await;
            number
        };
        let task = pool.spawn_task("task", work).await.unwrap();
        let (stopping, name) = (pool.clone(), task.name().to_owned());
        let stopped = tokio::spawn(async move { stopping.stop_child(&name).await });
        assert_eq!(task.await.unwrap(), number);
        let next = pool.spawn_task("next", async |_| ()).await;
        next.expect("the place is free").await.unwrap();
        stopped.await.unwrap().ok();
    }
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_the_place_of_a_task_that_was_aborted_is_free_when_that_is_told() {
    let pool = DynamicSupervisor::new().max_children(1);
    let running = pool.clone().start();
    running.started().await.unwrap();
    let task = pool.spawn_task("deaf", |_| std::future::pending::<()>()).await.unwrap();
    let (stopping, name) = (pool.clone(), task.name().to_owned());
    let stopped = tokio::spawn(async move { stopping.stop_child(&name).await });
    assert!(task.await.is_err());
    pool.spawn_task("next", async |_| ()).await.expect("the place is free").await.unwrap();
    stopped.await.unwrap().unwrap();
    // Somebody else keeps the spec of a task whose supervisor is killed.
    let task = pool.spawn_task("deaf", |_| std::future::pending::<()>()).await.unwrap();
    let _kept = running.handle().spec(task.name()).await.unwrap();
    running.kill().await.unwrap();
    assert!(task.await.is_err());
}

/// The result of a task does not wait for a supervisor that is ending.
#[tokio::test(start_paused = true)]
async fn rule_28_the_result_of_a_task_is_there_before_its_supervisor_has_ended() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    running.started().await.unwrap();
    let polite = |ctx: ChildContext| async move {
        ctx.cancelled().await;
        7
    };
    let task = pool.spawn_task("polite", polite).await.unwrap();
    let slow = ChildSpec::new("slow", move |_| std::future::pending::<()>());
    pool.start_child(slow.shutdown(Shutdown::Timeout(LONG))).await.unwrap();
    let handle = running.handle();
    let ending = tokio::spawn(running.shutdown());
    assert_eq!(task.await.unwrap(), 7);
    assert!(!handle.has_ended());
    let late = unclean(ending.await.unwrap());
    assert_eq!(late, "root/slow-2: killed, its shutdown timed out");
}
