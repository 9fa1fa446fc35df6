//! The reason for which an instance is stopped (rule 30).

use std::sync::mpsc as blocking;
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, BlockingContext, ChildContext, ChildSpec, RestartPolicy, RunningSupervisor,
    Shutdown, StopReason, Strategy, Supervisor, TemporarySiblings,
};
use sage_supervisor_tests::{Log, Puppet, limit, settle, supervisor};
use tokio::sync::mpsc;

type Heard = mpsc::UnboundedReceiver<String>;

/// A child that tells why it was asked to stop, with an `again` if that is a restart.
fn asks(name: &str) -> (ChildSpec, Heard) {
    let (tell, heard) = mpsc::unbounded_channel();
    let spec = ChildSpec::new(name, move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            assert!(ctx.stop_reason().is_none(), "nobody has asked yet");
            ctx.cancelled().await;
            tell.send(written(&ctx.stop_reason().unwrap())).unwrap();
        }
    });
    (spec, heard)
}

fn written(reason: &StopReason) -> String {
    format!("{reason}{}", if reason.is_restart() { ", again" } else { "" })
}

/// The reasons that were told so far.
fn told(heard: &mut Heard) -> Vec<String> {
    std::iter::from_fn(|| heard.try_recv().ok()).collect()
}

async fn started(tree: Supervisor) -> RunningSupervisor {
    let running = tree.start();
    running.started().await.unwrap();
    settle().await;
    running
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_child_that_is_stopped_by_a_command_knows_it() {
    let (child, mut heard) = asks("child");
    let inner = supervisor(Strategy::OneForOne).children([child]);
    let running = started(supervisor(Strategy::OneForOne).child("inner", inner)).await;
    let handle = running.handle();
    handle.restart_child("inner/child").await.unwrap();
    handle.stop_child("inner/child").await.unwrap();
    handle.restart_child("inner/child").await.unwrap();
    handle.restart_child("inner").await.unwrap();
    handle.stop_child("inner").await.unwrap();
    assert_eq!(
        told(&mut heard),
        [
            "`root/inner/child` is restarted by hand, again",
            "`root/inner/child` is stopped by hand",
            "`root/inner` is restarted by hand, again",
            "`root/inner` is stopped by hand",
        ]
    );
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_child_that_is_restarted_with_its_group_knows_with_whom() {
    let log = Log::default();
    let failing = Puppet::new("failing", &log);
    let ((child, mut heard), (leaf, mut below), (once, mut removed)) =
        (asks("child"), asks("leaf"), asks("once"));
    let inner = supervisor(Strategy::OneForOne).children([leaf]);
    let tree = supervisor(Strategy::OneForAll)
        .temporary_siblings(TemporarySiblings::Remove)
        .children([failing.spec(), child, once.restart(RestartPolicy::Temporary)])
        .child("inner", inner);
    let running = started(tree).await;
    failing.fail("boom");
    settle().await;
    let expected = ["restarted together with `root/failing`, again"];
    assert_eq!(told(&mut heard), expected);
    assert_eq!(told(&mut below), expected, "also below a nested supervisor");
    assert_eq!(told(&mut removed), ["removed in the restart of `root/failing`"]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_child_knows_who_has_asked_for_the_end_and_why() {
    type Asks = fn(RunningSupervisor) -> std::pin::Pin<Box<dyn Future<Output = ()>>>;
    let ways: [(Asks, &str); 3] = [
        (
            |tree| Box::pin(async { tree.shutdown().await.unwrap() }),
            "`root` ends: asked by its owner",
        ),
        (
            |tree| {
                Box::pin(async move { tree.handle().shutdown_because("an update").await.unwrap() })
            },
            "`root` ends: asked through a handle: an update",
        ),
        (
            |tree| {
                Box::pin(async move {
                    let ends = ChildSpec::new("ends", |ctx: ChildContext| async move {
                        ctx.shutdown_tree("the lease is lost");
                        ctx.cancelled().await;
                    });
                    tree.handle().start_child(ends).await.unwrap();
                    tree.wait().await.unwrap();
                })
            },
            "`root` ends: asked by child `root/ends`: the lease is lost",
        ),
    ];
    for (ask, expected) in ways {
        let ((child, mut heard), (leaf, mut below)) = (asks("child"), asks("leaf"));
        let inner = supervisor(Strategy::OneForOne).children([leaf]);
        let tree = supervisor(Strategy::OneForOne).children([child]).child("inner", inner);
        ask(started(tree).await).await;
        assert_eq!(told(&mut heard), [expected]);
        assert_eq!(told(&mut below), [expected]);
    }

    // A nested supervisor that ends alone.
    let (child, mut heard) = asks("child");
    let ends = ChildSpec::new("ends", |ctx: ChildContext| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        ctx.shutdown_supervisor("enough");
        ctx.cancelled().await;
    });
    let inner = supervisor(Strategy::OneForOne).children([child, ends]);
    supervisor(Strategy::OneForOne).child("inner", inner).run().await.unwrap();
    let expected = "`root/inner` ends: asked by child `root/inner/ends`: enough";
    assert_eq!(told(&mut heard), [expected]);
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_child_knows_what_its_supervisor_ends_with() {
    let log = Log::default();
    // The restart limit, of the own supervisor and of one above.
    for (own, path) in [(0, "root/inner"), (9, "root")] {
        let failing = Puppet::new("failing", &log);
        let (child, mut heard) = asks("child");
        let inner = Supervisor::new(Strategy::OneForOne, limit(own)).children([child]);
        let tree = Supervisor::new(Strategy::OneForOne, limit(1));
        let tree = match own {
            0 => tree.child("inner", inner.children([failing.spec()])),
            _ => tree.child("inner", inner).children([failing.spec()]),
        };
        let running = started(tree).await;
        for _ in 0..2 {
            failing.fail("boom");
            settle().await;
        }
        let expected = match own {
            0 => format!("`{path}` ends: child `root/inner/failing` needed too many restarts"),
            _ => format!("`{path}` ends: child `root/failing` needed too many restarts"),
        };
        assert_eq!(told(&mut heard)[0], expected);
        let _ = running.shutdown().await;
    }

    // A significant child, an error that no restart can help, and a failed start.
    let done = Puppet::new("done", &log);
    let (child, mut heard) = asks("child");
    let tree = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AnySignificant)
        .children([child, done.spec().restart(RestartPolicy::Transient).significant()]);
    let running = started(tree).await;
    done.finish();
    running.wait().await.unwrap();
    assert_eq!(told(&mut heard), ["`root` ends: significant child `root/done`: normal"]);

    let (child, mut heard) = asks("child");
    let fails = ChildSpec::new("fails", async |ctx: ChildContext| ctx.fail_tree("no table"));
    supervisor(Strategy::OneForOne).children([child, fails]).run().await.unwrap_err();
    assert_eq!(told(&mut heard), ["`root` ends: child `root/fails` failed the tree"]);

    let (child, mut heard) = asks("child");
    let late =
        ChildSpec::new("late", async |_: ChildContext| {}).ready_within(Duration::from_secs(1));
    supervisor(Strategy::OneForOne).children([child, late]).run().await.unwrap_err();
    assert_eq!(told(&mut heard), ["`root` ends: child `root/late` did not start"]);
}

#[tokio::test(start_paused = true)]
async fn rule_30_a_child_knows_that_it_is_stopped_because_of_itself() {
    let (tell, mut heard) = mpsc::unbounded_channel();
    let child = |name: &'static str, act: fn(&ChildContext)| {
        let tell = tell.clone();
        ChildSpec::new(name, move |ctx: ChildContext| {
            let tell = tell.clone();
            async move {
                act(&ctx);
                // A call that needs a yield is made by a task.
                if name == "declines" {
                    ctx.decline().await;
                }
                ctx.cancelled().await;
                tell.send(written(&ctx.stop_reason().unwrap())).unwrap();
            }
        })
        .restart(RestartPolicy::Temporary)
    };
    let second = Duration::from_secs(1);
    let gives_up = child("gives up", |ctx| ctx.give_up("a wrong password"));
    let declines = child("declines", |_| {}).ready_within(second);
    let running =
        started(supervisor(Strategy::OneForOne).keep_alive(true).children([gives_up, declines]))
            .await;
    let late = child("late", |_| {}).ready_within(second);
    running.handle().start_child(late).await.unwrap_err();
    let _ = running.shutdown().await;
    assert_eq!(
        told(&mut heard),
        [
            "the child has an error that no restart can help",
            "the child declined to run",
            "the child was not ready in time",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_30_a_thread_knows_why_it_is_asked_or_killed() {
    let (tell, heard) = blocking::channel();
    let thread = move |ctx: BlockingContext| {
        tell.send("up".to_owned()).unwrap();
        while !ctx.wait_cancelled(Duration::from_secs(60)) {}
        tell.send(written(&ctx.stop_reason().unwrap())).unwrap();
    };
    let thread = ChildSpec::blocking("thread", thread).shutdown(Shutdown::BrutalKill);
    let running = supervisor(Strategy::OneForOne).children([thread]).start();
    assert_eq!(heard.recv().unwrap(), "up");
    running.handle().restart_child("thread").await.unwrap();
    assert_eq!(heard.recv().unwrap(), "`root/thread` is restarted by hand, again");
    assert_eq!(heard.recv().unwrap(), "up");
    running.handle().fail_child("thread", "injected").await.unwrap();
    assert_eq!(heard.recv().unwrap(), "`root/thread` is failed by hand");
    assert_eq!(heard.recv().unwrap(), "up");
    running.kill().await.unwrap();
    assert_eq!(heard.recv().unwrap(), "`root` ends: asked by its owner");
}

#[tokio::test(start_paused = true)]
async fn rule_30_an_instance_that_ends_by_itself_has_no_reason() {
    let (give, contexts) = blocking::channel();
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        give.send(ctx).unwrap();
        async {}
    });
    let child = child.restart(RestartPolicy::Temporary);
    supervisor(Strategy::OneForOne).children([child]).run().await.unwrap();
    let ended = contexts.recv().unwrap();
    assert!(ended.is_cancelled() && ended.stop_reason().is_none());
}
