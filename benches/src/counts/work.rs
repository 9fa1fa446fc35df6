//! The operations. Each prepares what it needs, and then does what counts within [`collected`].

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};

use sage_supervisor::{ChildContext, ChildSpec, EventKind, RestartConfig, Strategy, Supervisor};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The start of one named child that takes no context, to its first poll.
    Start,
    /// A failure and the restart that follows.
    Restart,
    /// As a restart, with somebody who receives the three events of it.
    RestartSeen,
    /// The stop of one child that is aborted, in reverse order.
    Stop,
    /// The stop of one child that is asked, in reverse order.
    StopAsked,
    /// One node of a snapshot.
    SnapshotNode,
}

/// How many events a restart is: an exit, the decision, a start.
pub const EVENTS_OF_A_RESTART: u32 = 3;

/// The function within which callgrind collects. Nothing else may have its name in its own.
pub const COLLECTED: &str = "drive_what_is_collected";

type Work = Pin<Box<dyn Future<Output = ()>>>;

#[inline(never)]
fn drive_what_is_collected(runtime: &Runtime, work: Work) {
    runtime.block_on(work);
}

impl Operation {
    pub const ALL: [Self; 6] = [
        Self::Start,
        Self::Restart,
        Self::RestartSeen,
        Self::Stop,
        Self::StopAsked,
        Self::SnapshotNode,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Restart => "restart",
            Self::RestartSeen => "restart_seen",
            Self::Stop => "stop",
            Self::StopAsked => "stop_asked",
            Self::SnapshotNode => "snapshot_node",
        }
    }

    /// Carries it out so many times.
    pub fn run(self, times: u32) {
        let builder = &mut Builder::new_current_thread();
        let runtime = builder.enable_time().build().expect("a runtime can be built");
        let work = runtime.block_on(self.prepare(times));
        drive_what_is_collected(&runtime, work);
        // What is left of the tree ends without being counted.
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
    // All of one length, so that as many more cost as much more.
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

async fn all_polled(children: u32) {
    while STARTED.load(Ordering::Relaxed) < children {
        tokio::task::yield_now().await;
    }
}

static LEFT: AtomicU32 = AtomicU32::new(0);
static GO: Notify = Notify::const_new();
static DONE: Notify = Notify::const_new();

/// A child that fails as often as it is told to, and then waits for more.
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
        let mut events = running.handle().subscribe();
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
