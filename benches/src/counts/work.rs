//! The operations. Each of them prepares a tree, and then does the counted work within the function
//! that is named [`COLLECTED`].

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use sage_supervisor::{
    ChildContext, ChildSpec, DynamicSupervisor, EventKind, RestartConfig, Strategy, Supervisor,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

/// An operation whose instructions are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The start of one named child that takes no context, to its first poll.
    Start,
    /// A failure and the restart that follows.
    Restart,
    /// A restart whose three events are received by a subscriber.
    RestartSeen,
    /// The stop of one child that is aborted, in reverse order.
    Stop,
    /// The stop of one child that is asked to stop, in reverse order.
    StopAsked,
    /// The part of a snapshot that one child takes.
    SnapshotNode,
    /// The start of one child of a dynamic supervisor, from a template that all children share, by a
    /// call whose answer is awaited.
    StartDynamic,
    /// The stop of one such child by its name, by a call whose answer is awaited.
    StopDynamic,
}

/// The number of events of a restart: the exit, the decision, and the start.
pub const EVENTS_OF_A_RESTART: u32 = 3;

/// The function within which callgrind counts. No other function may have a name that contains this one.
pub const COLLECTED: &str = "drive_what_is_collected";

type Work = Pin<Box<dyn Future<Output = ()>>>;

#[inline(never)]
fn drive_what_is_collected(runtime: &Runtime, work: Work) {
    runtime.block_on(work);
}

impl Operation {
    pub const ALL: [Self; 8] = [
        Self::Start,
        Self::Restart,
        Self::RestartSeen,
        Self::Stop,
        Self::StopAsked,
        Self::SnapshotNode,
        Self::StartDynamic,
        Self::StopDynamic,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Restart => "restart",
            Self::RestartSeen => "restart_seen",
            Self::Stop => "stop",
            Self::StopAsked => "stop_asked",
            Self::SnapshotNode => "snapshot_node",
            Self::StartDynamic => "start_dynamic",
            Self::StopDynamic => "stop_dynamic",
        }
    }

    /// Carries the operation out the given number of times.
    pub fn run(self, times: u32) {
        let builder = &mut Builder::new_current_thread();
        let runtime = builder.enable_time().build().expect("a runtime can be built");
        let work = runtime.block_on(self.prepare(times));
        drive_what_is_collected(&runtime, work);
        // The rest of the tree is leaked: its end is not a part of the operation.
        std::mem::forget(runtime);
    }

    async fn prepare(self, times: u32) -> Work {
        match self {
            Self::Start => {
                let tree = tree().children(idle(times, false));
                Box::pin(async move {
                    let running = tree.start();
                    all_polled(times).await;
                    std::mem::forget(running);
                })
            }
            Self::Restart => restarts(times, false).await,
            Self::RestartSeen => restarts(times, true).await,
            Self::Stop | Self::StopAsked => {
                let running = tree().children(idle(times, self == Self::StopAsked)).start();
                all_polled(times).await;
                Box::pin(async move {
                    running.shutdown().await.expect("all end in time");
                    assert_eq!(ENDED.load(Ordering::Relaxed), times);
                })
            }
            Self::SnapshotNode => {
                let running = tree().children(idle(times, false)).start();
                all_polled(times).await;
                let handle = running.handle();
                std::mem::forget(running);
                Box::pin(async move {
                    let snapshot = handle.tree().await.expect("it runs");
                    assert_eq!(snapshot.root.children.len(), times as usize);
                })
            }
            Self::StartDynamic | Self::StopDynamic => dynamic(times, self).await,
        }
    }
}

fn tree() -> Supervisor {
    Supervisor::new(Strategy::OneForOne, RestartConfig::default()).unlimited_restarts()
}

static STARTED: AtomicU32 = AtomicU32::new(0);
static ENDED: AtomicU32 = AtomicU32::new(0);

struct Life;

impl Life {
    fn begin() -> Self {
        STARTED.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        ENDED.fetch_add(1, Ordering::Relaxed);
    }
}

fn idle(children: u32, listen: bool) -> impl Iterator<Item = ChildSpec> {
    // All names have the same length, so that twice as many children cost twice as much.
    (0..children).map(move |index| {
        let name = format!("child-{index:06}");
        if listen {
            ChildSpec::new(name, async |ctx: ChildContext| {
                let _life = Life::begin();
                ctx.cancelled().await;
            })
        } else {
            ChildSpec::without_context(name, async || {
                let _life = Life::begin();
                pending::<()>().await;
            })
        }
    })
}

async fn dynamic(times: u32, operation: Operation) -> Work {
    let supervisor = DynamicSupervisor::new().unlimited_restarts();
    let running = supervisor.clone().start();
    running.started().await.expect("it starts");
    // The supervisor is leaked: its end is not a part of the operation.
    std::mem::forget(running);
    let template = Arc::new(idle(1, false).next().expect("there is one"));
    let all = start_many(supervisor.clone(), template, times);
    if operation == Operation::StartDynamic {
        return Box::pin(async move {
            std::mem::forget(all.await);
            all_polled(times).await;
        });
    }
    let names = all.await;
    all_polled(times).await;
    Box::pin(async move {
        let stop = |name: &String| {
            let (supervisor, name) = (supervisor.clone(), name.clone());
            async move { supervisor.stop_child(&name).await.expect("it runs") }
        };
        in_batches(names.iter().map(stop)).await;
        assert_eq!(ENDED.load(Ordering::Relaxed), times);
    })
}

async fn start_many(
    supervisor: DynamicSupervisor,
    template: Arc<ChildSpec>,
    children: u32,
) -> Vec<String> {
    let start = |_| async { supervisor.start_child(Arc::clone(&template)).await.expect("it runs") };
    in_batches((0..children).map(start)).await
}

/// The number of calls that are pending at a time.
const BATCH: usize = 256;

/// Waits for all calls, many at a time, as with many callers.
///
/// The callers themselves cost little, because each call reuses the memory of the one before it.
async fn in_batches<C: Future>(mut calls: impl ExactSizeIterator<Item = C>) -> Vec<C::Output> {
    let mut answers = Vec::with_capacity(calls.len());
    let mut batch: Vec<Pin<Box<C>>> = calls.by_ref().take(BATCH).map(Box::pin).collect();
    let mut waiting = vec![true; batch.len()];
    loop {
        poll_fn(|cx| {
            for (call, waiting) in
                batch.iter_mut().zip(&mut waiting).filter(|(_, waiting)| **waiting)
            {
                if let Poll::Ready(answer) = call.as_mut().poll(cx) {
                    *waiting = false;
                    answers.push(answer);
                }
            }
            if waiting.contains(&true) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        for ((call, waiting), next) in batch.iter_mut().zip(&mut waiting).zip(&mut calls) {
            call.set(next);
            *waiting = true;
        }
        if !waiting.contains(&true) {
            return answers;
        }
    }
}

async fn all_polled(children: u32) {
    while STARTED.load(Ordering::Relaxed) < children {
        tokio::task::yield_now().await;
    }
}

static LEFT: AtomicU32 = AtomicU32::new(0);
static GO: Notify = Notify::const_new();
static DONE: Notify = Notify::const_new();

/// A child that fails as many times as [`LEFT`] says, and then waits for more.
async fn failing() -> Result<(), &'static str> {
    if LEFT.load(Ordering::Relaxed) == 0 {
        DONE.notify_one();
        GO.notified().await;
    }
    LEFT.fetch_sub(1, Ordering::Relaxed);
    Err("on purpose")
}

async fn restarts(times: u32, seen: bool) -> Work {
    let running = tree()
        .children(idle(10, false))
        .children([ChildSpec::without_context("failing", failing)])
        .start();
    all_polled(10).await;
    DONE.notified().await;
    let subscriber = seen.then(|| {
        let mut events = running.handle().tree_events();
        tokio::spawn(async move {
            let mut restarts = 0;
            for _ in 0..times * EVENTS_OF_A_RESTART {
                let event = events.recv().await.expect("it runs").expect("it keeps up");
                restarts += u32::from(matches!(event.kind, EventKind::Restarting { .. }));
            }
            assert_eq!(restarts, times);
        })
    });
    Box::pin(async move {
        LEFT.store(times, Ordering::Relaxed);
        GO.notify_one();
        DONE.notified().await;
        if let Some(subscriber) = subscriber {
            subscriber.await.expect("it sees all restarts");
        }
        std::mem::forget(running);
    })
}
