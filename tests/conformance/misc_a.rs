//! The group `misc A`: a child that goes its own way, and a tree of two levels.

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, CommandError, SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, no_task_is_left, settle, supervisor};
use tokio::time::{Instant, timeout};

use crate::{SECOND, state, up};

/// A child that drops its context and leaves work to a task of its own does not delay a stop.
/// (OTP's child removes its link to the supervisor. There are no links here.)
#[tokio::test(start_paused = true)]
async fn child_unlink() {
    let log = Log::default();
    let detached = Puppet::new("detached", &log);
    let puppet = detached.clone();
    let naughty = ChildSpec::new("naughty", move |ctx: ChildContext| {
        drop(ctx);
        let alive = puppet.alive();
        async move {
            tokio::spawn(async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
            std::future::pending::<()>().await;
        }
    });
    let tree = supervisor(Strategy::OneForOne).children([naughty.shutdown(SECOND)]);
    let (running, handle) = up(tree).await;
    let asked = Instant::now();
    timeout(SECOND * 60, handle.stop_child("naughty")).await.unwrap().unwrap();
    assert_eq!(asked.elapsed().as_secs(), 1);
    assert_eq!(state(&handle, "naughty").await, ChildState::Stopped);
    timeout(SECOND * 60, running.shutdown()).await.unwrap().unwrap();
    assert_eq!(detached.live(), 1, "what it has detached is its own affair");
}

/// A tree of two levels. A worker that fails is replaced alone. When the lower supervisor gives up,
/// the upper one reacts by its own strategy after the whole old subtree is gone; children that had
/// been added to the old one do not come back. When the upper supervisor gives up too, nothing is
/// left.
#[tokio::test(start_paused = true)]
async fn tree() {
    let log = Log::default();
    let [top, a, b, added] = ["top", "a", "b", "added"].map(|name| Puppet::new(name, &log));
    let slow = Puppet::with("slow", &log, OnStop::After(SECOND * 3));
    let inner =
        Supervisor::new(Strategy::OneForOne, limit(1)).children([slow.spec(), a.spec(), b.spec()]);
    let outer =
        Supervisor::new(Strategy::OneForAll, limit(1)).children([top.spec()]).child("inner", inner);
    let (running, handle) = up(outer).await;
    handle.start_child_below("inner", added.spec()).await.unwrap();
    settle().await;
    assert_eq!(log.take(), "+top +slow +a +b +added");

    b.fail("first");
    settle().await;
    assert_eq!(log.take(), "-b +b");

    a.fail("second");
    tokio::time::sleep(SECOND * 4).await;
    assert_eq!(log.take(), "-a -added -b -slow -top +top +slow +a +b");
    assert!(matches!(handle.child("inner/added").await, Err(CommandError::NotFound { .. })));

    // The limit of the new supervisor starts empty.
    a.fail("first");
    settle().await;
    assert_eq!(log.take(), "-a +a");

    a.fail("second");
    let error = running.wait().await.unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!(reached.child, "inner");
    assert_eq!(log.take(), "-a -b -slow -top");
    assert_eq!([&top, &slow, &a, &b, &added].map(Puppet::peak), [1; 5]);
    no_task_is_left().await;
}
