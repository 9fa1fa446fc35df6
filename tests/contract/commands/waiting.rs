//! Children that would wait for themselves (rule 28).

use std::task::Poll;
use std::time::Duration;

use sage_supervisor::{
    BlockingContext, ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor,
    IntoChild, SageError, Shutdown, Strategy, SupervisorHandle,
};
use sage_supervisor_tests::{settle, supervisor};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep, timeout};

use super::{idle, started, state};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(1_000);

type Answers = UnboundedReceiver<Result<(), CommandError>>;
type Teller = UnboundedSender<Result<(), CommandError>>;

fn waits_for_caller(answer: &Result<(), CommandError>) -> bool {
    matches!(answer, Err(CommandError::WaitsForCaller { .. }))
}

/// The next answer, which has to come before any time has passed.
async fn at_once(answers: &mut Answers) -> Result<(), CommandError> {
    let asked = Instant::now();
    let answer = timeout(LONG, answers.recv()).await.expect("there is an answer").unwrap();
    assert_eq!(asked.elapsed(), Duration::ZERO, "{answer:?}");
    answer
}

/// A child that may be given commands before it is ready.
fn unready<F, Fut>(name: &str, body: F) -> ChildSpec
where
    F: Fn(ChildContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    ChildSpec::new(name, body).ready_within(LONG).shutdown(Shutdown::Infinity)
}

fn as_sage_error(answer: Result<(), SageError>) -> Result<(), CommandError> {
    let Err(SageError::Other(error)) = answer else { return answer.map_err(|e| panic!("{e}")) };
    Err(error.get_ref().downcast_ref::<CommandError>().expect("it is that error").clone())
}

/// The commands of a child that wait for a start after its own.
async fn behind_itself(handle: SupervisorHandle, tell: Teller) {
    for answer in [
        handle.start_child(ChildSpec::new("new", idle)).await,
        handle.restart_child("later").await,
        as_sage_error(handle.started().await),
        as_sage_error(handle.wait().await),
    ] {
        tell.send(answer).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_child_that_is_not_ready_does_not_wait_for_what_starts_after_it() {
    let (tell, mut answers) = unbounded_channel();
    let session = unready("session", move |ctx| {
        let tell = tell.clone();
        async move {
            behind_itself(ctx.supervisor(), tell).await;
            ctx.ready().await;
            ctx.cancelled().await;
        }
    });
    let children = [ChildSpec::new("a", idle), session, ChildSpec::new("later", idle)];
    let running = supervisor(Strategy::OneForOne).children(children).start();
    let mut told = vec![];
    for _ in 0..4 {
        told.push(at_once(&mut answers).await.unwrap_err());
    }
    assert_eq!(
        told[0].to_string(),
        "child `root/session` would wait for itself, because the command about `root/new` waits for \
         that child: give it after `ready()`, or in a spawned task"
    );
    let paths: Vec<_> = told.iter().map(CommandError::path).collect();
    assert_eq!(paths, ["root/new", "root/later", "root", "root"]);
    running.started().await.unwrap();
    assert!(told.into_iter().map(Err).all(|answer| waits_for_caller(&answer)));
    let handle = running.handle();
    assert!(matches!(handle.child("new").await, Err(CommandError::NotFound { .. })));
    assert_eq!(handle.child("later").await.unwrap().restarts, 0);
    running.shutdown().await.unwrap();
}

/// A supervisor further up waits for the first start of each supervisor on the way down.
#[tokio::test(start_paused = true)]
async fn rule_28_a_child_further_down_does_not_wait_for_a_start_after_its_own() {
    let (tell, mut answers) = unbounded_channel();
    let (told, mut others) = unbounded_channel();
    let session = unready("session", move |ctx| {
        let tell = tell.clone();
        async move {
            let handle = ctx.supervisor();
            let spec = || ChildSpec::new("new", idle);
            tell.send(handle.start_child_below("/root", spec()).await).unwrap();
            tell.send(handle.restart_child("/root/later").await).unwrap();
            tell.send(handle.start_child_below("root/outer", spec()).await).unwrap();
            ctx.ready().await;
            ctx.cancelled().await;
        }
    });
    // This child of the same supervisor holds nobody up, so it can wait.
    let patient = ChildSpec::new("patient", move |ctx: ChildContext| {
        let told = told.clone();
        async move {
            let handle = ctx.supervisor();
            told.send(handle.start_child_below("/root", ChildSpec::new("x", idle)).await).unwrap();
            ctx.cancelled().await;
        }
    });
    let outer = supervisor(Strategy::OneForOne)
        .child("inner", supervisor(Strategy::OneForOne).children([patient, session]));
    let running =
        supervisor(Strategy::OneForOne).child("outer", outer).child("later", idle).start();
    for _ in 0..3 {
        let answer = at_once(&mut answers).await;
        assert!(waits_for_caller(&answer), "{answer:?}");
    }
    at_once(&mut others).await.unwrap();
    running.started().await.unwrap();
    running.shutdown().await.unwrap();
}

/// The child restarts a sibling in its cleanup, while the group of both is restarted.
#[tokio::test(start_paused = true)]
async fn rule_28_a_child_does_not_wait_in_its_cleanup_for_what_starts_after_its_end() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        for depth in 0..3 {
            let (tell, mut answers) = unbounded_channel();
            let cleaner = ChildSpec::new("cleaner", move |ctx: ChildContext| {
                let tell = tell.clone();
                async move {
                    ctx.cancelled().await;
                    let handle = ctx.supervisor();
                    tell.send(handle.restart_child("/root/other").await).unwrap();
                    tell.send(handle.start_child_below("/root", ChildSpec::new("x", idle)).await)
                        .unwrap();
                    // This child is up, and its stop waits for nobody else.
                    tell.send(handle.stop_child("/root/first").await).unwrap();
                }
            });
            let mut cleaner = cleaner.shutdown(Shutdown::Infinity);
            for _ in 0..depth {
                let above = supervisor(Strategy::OneForOne).children([cleaner]);
                cleaner = above.into_child("cleaner".to_owned());
            }
            let other = ChildSpec::new("other", async |ctx: ChildContext| {
                sleep(SECOND).await;
                assert!(ctx.restarts() > 0, "expected: once");
                ctx.cancelled().await;
            });
            let first = ChildSpec::new("first", idle);
            // Under `rest_for_one`, the child that fails takes the others along if it comes first.
            let children = match strategy {
                Strategy::RestForOne => [other, first, cleaner],
                _ => [first, cleaner, other],
            };
            let (running, handle) = started(strategy, children).await;
            sleep(SECOND).await;
            for _ in 0..2 {
                let answer = at_once(&mut answers).await;
                assert!(waits_for_caller(&answer), "{answer:?}");
            }
            at_once(&mut answers).await.unwrap();
            settle().await;
            assert_eq!(handle.child("other").await.unwrap().restarts, 1);
            assert_eq!(state(&handle, "other").await, ChildState::Running);
            drop(running);
        }
    }
}

/// The group restart begins while the child waits for a start in the same group.
#[tokio::test(start_paused = true)]
async fn rule_28_a_child_is_answered_when_its_group_overtakes_its_wait() {
    let (tell, mut answers) = unbounded_channel();
    let asker = ChildSpec::new("asker", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            if ctx.restarts() == 0 {
                let slow = ChildSpec::new("slow", async |ctx: ChildContext| {
                    sleep(SECOND * 3).await;
                    ctx.ready().await;
                    ctx.cancelled().await;
                });
                let slow = slow.ready_within(LONG);
                let answer = ctx.supervisor().start_child(slow).await;
                tell.send(answer).unwrap();
            }
            ctx.cancelled().await;
        }
    });
    let fails = ChildSpec::new("fails", async |ctx: ChildContext| {
        sleep(SECOND).await;
        assert!(ctx.restarts() > 0, "expected: once");
        ctx.cancelled().await;
    });
    let children = [asker.shutdown(Shutdown::Infinity), fails];
    let (running, handle) = started(Strategy::OneForAll, children).await;
    sleep(SECOND).await;
    let answer = at_once(&mut answers).await;
    assert!(matches!(answer, Err(CommandError::Restarting { .. })), "{answer:?}");
    sleep(SECOND * 5).await;
    // The command is carried out all the same.
    assert_eq!(state(&handle, "slow").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

/// Each of two children waits in its cleanup for the end of the other.
#[tokio::test(start_paused = true)]
async fn rule_28_two_children_do_not_wait_for_each_other() {
    let (tell, mut answers) = unbounded_channel();
    let stops = |name: &'static str, other: &'static str| {
        let tell = tell.clone();
        ChildSpec::new(name, move |ctx: ChildContext| {
            let tell = tell.clone();
            async move {
                ctx.cancelled().await;
                tell.send(ctx.supervisor().stop_child(other).await).unwrap();
            }
        })
        .shutdown(Shutdown::Infinity)
    };
    // The second one is in another supervisor, so its command is for another engine.
    let inner = supervisor(Strategy::OneForOne).children([stops("b", "/root/a")]);
    let inner = inner.into_child("inner".to_owned());
    let (running, handle) =
        started(Strategy::OneForOne, [stops("a", "inner/b"), inner, ChildSpec::new("c", idle)])
            .await;
    handle.stop_child("a").await.unwrap();
    let (first, second) = (at_once(&mut answers).await, at_once(&mut answers).await);
    assert!(waits_for_caller(&first) && second.is_ok(), "{first:?}, {second:?}");
    running.shutdown().await.unwrap();
}

/// A spawned task may wait for anything, because the child goes on meanwhile.
#[tokio::test(start_paused = true)]
async fn rule_28_a_task_of_a_child_may_wait_for_the_child() {
    let (tell, mut answers) = unbounded_channel();
    let session = unready("session", move |ctx| {
        let (tell, handle) = (tell.clone(), ctx.supervisor());
        async move {
            tokio::spawn(async move {
                tell.send(handle.start_child(ChildSpec::new("new", idle)).await).unwrap();
                tell.send(as_sage_error(handle.started().await)).unwrap();
            });
            sleep(SECOND).await;
            ctx.ready().await;
            ctx.cancelled().await;
        }
    });
    let running = supervisor(Strategy::OneForOne).children([session]).start();
    running.started().await.unwrap();
    for _ in 0..2 {
        at_once(&mut answers).await.unwrap();
    }
    running.shutdown().await.unwrap();
}

/// A handle that does not come from a context tells nothing of its user. The task that uses it is that
/// of the child all the same.
#[tokio::test(start_paused = true)]
async fn rule_28_any_handle_of_its_supervisor_knows_the_task_of_a_child() {
    let (give, take) = tokio::sync::watch::channel(None::<SupervisorHandle>);
    let (tell, mut answers) = unbounded_channel();
    let session = unready("session", move |ctx| {
        let (tell, mut take) = (tell.clone(), take.clone());
        async move {
            let handle = take.wait_for(Option::is_some).await.unwrap().clone().unwrap();
            tell.send(handle.start_child(ChildSpec::new("new", idle)).await).unwrap();
            tell.send(handle.restart_child("later").await).unwrap();
            ctx.ready().await;
            ctx.cancelled().await;
            // The stop of oneself is not waited for.
            tell.send(handle.stop_child("session").await).unwrap();
        }
    });
    let children = [session, ChildSpec::new("later", idle)];
    let running = supervisor(Strategy::OneForOne).children(children).start();
    give.send(Some(running.handle())).unwrap();
    for _ in 0..2 {
        let answer = at_once(&mut answers).await;
        assert!(waits_for_caller(&answer), "{answer:?}");
    }
    running.started().await.unwrap();
    running.shutdown().await.unwrap();
    at_once(&mut answers).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_28_a_dynamic_child_stops_itself_without_waiting() {
    let (tell, mut answers) = unbounded_channel();
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    let stops_itself = {
        let pool = pool.clone();
        ChildSpec::new("x", move |ctx: ChildContext| {
            let (tell, pool) = (tell.clone(), pool.clone());
            async move {
                tell.send(pool.stop_child(ctx.name()).await).unwrap();
                assert!(ctx.is_cancelled());
            }
        })
    };
    pool.start_child(stops_itself.shutdown(Shutdown::Infinity)).await.unwrap();
    at_once(&mut answers).await.unwrap();
    settle().await;
    assert_eq!(pool.counts().await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
}

/// The dynamic supervisor starts after the child that wants to use it.
#[tokio::test(start_paused = true)]
async fn rule_28_a_dynamic_supervisor_that_is_not_up_yet_says_so() {
    let (tell, mut answers) = unbounded_channel();
    let pool = DynamicSupervisor::new();
    let session = unready("session", {
        let pool = pool.clone();
        move |ctx| {
            let (tell, pool) = (tell.clone(), pool.clone());
            async move {
                tell.send(pool.start_named("x", ChildSpec::new("x", idle)).await).unwrap();
                ctx.ready().await;
                ctx.cancelled().await;
            }
        }
    });
    let running =
        supervisor(Strategy::OneForOne).children([session]).child("pool", pool.clone()).start();
    let answer = at_once(&mut answers).await;
    assert!(matches!(answer, Err(CommandError::NotRunning { .. })), "{answer:?}");
    running.started().await.unwrap();
    pool.start_named("x", ChildSpec::new("x", idle)).await.unwrap();
    running.shutdown().await.unwrap();
}

/// The restart of an earlier sibling waits for nothing else, so it is carried out.
#[tokio::test(start_paused = true)]
async fn rule_28_a_child_that_is_not_ready_may_restart_what_has_started_before_it() {
    let (tell, mut answers) = unbounded_channel();
    let session = unready("session", move |ctx| {
        let tell = tell.clone();
        async move {
            tell.send(ctx.supervisor().restart_child("a").await).unwrap();
            ctx.ready().await;
            ctx.cancelled().await;
        }
    });
    let children = [ChildSpec::new("a", idle), session];
    let running = supervisor(Strategy::OneForOne).children(children).start();
    at_once(&mut answers).await.unwrap();
    running.started().await.unwrap();
    assert_eq!(running.handle().child("a").await.unwrap().restarts, 1);
    running.shutdown().await.unwrap();
}

/// In an ordered shutdown, a child may stop those that come after it in that order.
#[tokio::test(start_paused = true)]
async fn rule_28_a_child_may_stop_an_earlier_one_in_a_shutdown() {
    let (tell, mut answers) = unbounded_channel();
    let last = ChildSpec::new("last", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            ctx.cancelled().await;
            tell.send(ctx.supervisor().stop_child("a").await).unwrap();
            tell.send(ctx.supervisor().remove_child("a").await).unwrap();
        }
    });
    let children = [ChildSpec::new("a", idle), last.shutdown(Shutdown::Infinity)];
    let (running, _) = started(Strategy::OneForOne, children).await;
    running.shutdown().await.unwrap();
    at_once(&mut answers).await.unwrap();
    let removed = at_once(&mut answers).await;
    assert!(matches!(removed, Err(CommandError::NotRunning { .. })), "{removed:?}");
}

#[tokio::test]
async fn rule_28_a_thread_that_is_not_ready_does_not_wait_for_what_starts_after_it() {
    let (tell, mut answers) = unbounded_channel();
    let session = ChildSpec::blocking("session", move |ctx: BlockingContext| {
        let spec = ChildSpec::new("new", idle);
        let started = ctx.supervisor();
        let answer = tokio::runtime::Handle::current()
            .block_on(async move { started.start_child(spec).await });
        tell.send(answer).unwrap();
        ctx.ready();
        while !ctx.wait_cancelled(SECOND) {}
    });
    let running = supervisor(Strategy::OneForOne).children([session.ready_within(LONG)]).start();
    let answer = answers.recv().await.unwrap();
    assert!(waits_for_caller(&answer), "{answer:?}");
    running.started().await.unwrap();
    running.shutdown().await.unwrap();
}

/// The handle of a blocking child knows its own thread, and no other thread is taken for that one.
#[tokio::test]
async fn rule_28_another_thread_may_wait_with_the_handle_of_a_thread() {
    let (tell, mut handles) = unbounded_channel();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let session =
        ChildSpec::blocking_lending("session", gate, move |ctx: BlockingContext, gate| {
            tell.send(ctx.supervisor()).unwrap();
            gate.recv().unwrap();
            ctx.ready();
            while !ctx.wait_cancelled(SECOND) {}
        });
    let running = supervisor(Strategy::OneForOne).children([session.ready_within(LONG)]).start();
    let handle = handles.recv().await.unwrap();
    // This test is no task, and no child.
    let mut end = std::pin::pin!(handle.wait());
    let waits = std::future::poll_fn(|cx| Poll::Ready(end.as_mut().poll(cx).is_pending()));
    assert!(waits.await, "the end is far away");
    let start = handle.start_child(ChildSpec::new("new", idle));
    let (all, new, ()) = tokio::join!(handle.started(), start, async { open.send(()).unwrap() });
    all.unwrap();
    new.unwrap();
    running.shutdown().await.unwrap();
    end.await.unwrap();
}
