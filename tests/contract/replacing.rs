//! Children whose spec is replaced while their supervisor runs (rule 39).

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, Backoff, ChildContext, ChildSpec, ChildState, CommandError, DynamicSupervisor,
    OnceChild, RestartPolicy, Strategy, Supervisor, SupervisorHandle, TemporarySiblings,
};
use sage_supervisor_tests::{Gated, Log, OnStop, Puppet, limit, settle, supervisor};
use tokio::sync::mpsc;

use crate::commands::{idle, started, state};

async fn names(handle: &SupervisorHandle) -> Vec<String> {
    handle.children().await.unwrap().into_iter().map(|child| child.name).collect()
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_child_is_replaced_in_its_place_and_its_siblings_are_left_alone() {
    let log = Log::default();
    let [a, b, c, new] = ["a", "b", "c", "new"].map(|name| Puppet::new(name, &log));
    let (running, handle) = started(Strategy::OneForAll, [a.spec(), b.spec(), c.spec()]).await;
    log.take();
    handle.replace_child("b", new.spec()).await.unwrap();
    settle().await;
    assert_eq!(log.take(), "-b +new");
    assert_eq!(names(&handle).await, ["a", "b", "c"]);
    let status = handle.child("b").await.unwrap();
    assert_eq!((status.restarts, status.state), (1, ChildState::Running));
    new.fail("now");
    settle().await;
    assert_eq!(log.take(), "-new -c -a +a +new +c", "it is a full member");
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "-c -new -a");
}

/// The old instance is stopped by its own settings, and the new one has those of its spec.
#[tokio::test(start_paused = true)]
async fn rule_39_each_instance_is_treated_by_its_own_spec() {
    let log = Log::default();
    let slow = Puppet::with("a", &log, OnStop::Ignore);
    let spec = slow.spec().shutdown(Duration::from_secs(2));
    let (running, handle) = started(Strategy::OneForOne, [spec, ChildSpec::new("b", idle)]).await;
    let began = tokio::time::Instant::now();
    let new = Puppet::with("a", &log, OnStop::Ignore);
    let spec = new.spec().shutdown(Duration::from_secs(7)).restart(RestartPolicy::Transient);
    handle.replace_child("a", spec).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    let status = handle.child("a").await.unwrap();
    assert_eq!(status.restart, RestartPolicy::Transient);
    new.finish();
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Finished);
    handle.replace_child("a", slow.spec()).await.unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Running, "a child that is down is started");
    running.kill().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_the_new_spec_is_kept_when_a_supervisor_above_is_restarted() {
    let log = Log::default();
    let [a, b, new] = ["a", "b", "new"].map(|name| Puppet::new(name, &log));
    let deep = supervisor(Strategy::OneForOne).children([a.spec(), b.spec()]);
    let inner = supervisor(Strategy::OneForOne).child("deep", deep);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    running.started().await.unwrap();
    let handle = running.handle();
    handle.replace_child("inner/deep/a", new.spec()).await.unwrap();
    settle().await;
    log.take();
    for path in ["inner/deep", "inner"] {
        handle.restart_child(path).await.unwrap();
        settle().await;
        assert_eq!(log.take(), "-b -new +new +b", "{path}");
    }
    running.shutdown().await.unwrap();
}

/// A `Supervisor` is a plan, which can be run any number of times.
#[tokio::test(start_paused = true)]
async fn rule_39_another_run_begins_with_the_spec_that_was_declared() {
    let log = Log::default();
    let [a, new] = ["a", "new"].map(|name| Puppet::new(name, &log));
    let (tell, mut told) = mpsc::unbounded_channel();
    let guide = move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            tell.send(ctx.supervisor()).unwrap();
            ctx.cancelled().await;
        }
    };
    let mut plan = supervisor(Strategy::OneForOne).children([a.spec()]).child("guide", guide);
    for _ in 0..2 {
        let replaced = async {
            let handle = told.recv().await.unwrap();
            settle().await;
            assert_eq!(log.take(), "+a");
            handle.replace_child("a", new.spec()).await.unwrap();
            settle().await;
            assert_eq!(log.take(), "-a +new");
            handle.shutdown().await.unwrap();
        };
        let (ended, ()) = tokio::join!(plan.run(), replaced);
        ended.unwrap();
        log.take();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_worker_gives_way_to_a_supervisor_and_the_reverse() {
    let log = Log::default();
    let [a, below, new] = ["a", "below", "new"].map(|name| Puppet::new(name, &log));
    let inner = || supervisor(Strategy::OneForOne).name("other").children([below.spec()]);
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    handle.replace_child("a", inner()).await.unwrap();
    assert!(handle.child("a").await.unwrap().is_supervisor);
    assert_eq!(state(&handle, "a/below").await, ChildState::Running);
    handle.replace_child("a/below", new.spec()).await.unwrap();
    handle.restart_child("a").await.unwrap();
    settle().await;
    assert_eq!(log.take(), "+a -a +below -below +new -new +new");
    handle.replace_child("a", a.spec()).await.unwrap();
    assert!(!handle.child("a").await.unwrap().is_supervisor);
    running.shutdown().await.unwrap();
}

/// A running dynamic supervisor takes its own place with other settings.
#[tokio::test(start_paused = true)]
async fn rule_39_a_dynamic_supervisor_takes_its_own_place() {
    let pool = DynamicSupervisor::new();
    let running = supervisor(Strategy::OneForOne).child("pool", pool.clone()).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let smaller = pool.clone().max_children(0);
    handle.replace_child("pool", smaller).await.unwrap();
    let refused = pool.start_child(ChildSpec::new("a", idle)).await.unwrap_err();
    assert!(matches!(refused, CommandError::MaxChildren { .. }), "{refused}");
    handle.start_child(ChildSpec::new("b", idle)).await.unwrap();
    let refused = handle.replace_child("b", pool.clone()).await.unwrap_err();
    assert!(matches!(refused, CommandError::Invalid(_)), "it runs elsewhere: {refused}");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_dynamic_child_is_replaced_under_its_name() {
    let log = Log::default();
    let [a, new] = ["a", "new"].map(|name| Puppet::new(name, &log));
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    running.started().await.unwrap();
    let name = pool.start_child(a.spec()).await.unwrap();
    pool.replace_child(&name, Arc::new(new.spec())).await.unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    let once = OnceChild::new("once", |ctx: ChildContext| async move {
        let _ = tell.send(ctx.name().to_owned());
        ctx.cancelled().await;
    });
    pool.replace_child(&name, once).await.unwrap();
    assert_eq!(told.recv().await.as_deref(), Some("a-1"));
    assert_eq!(log.take(), "+a -a +new -new");
    pool.replace_child(&name, a.spec()).await.unwrap();
    let missing = pool.replace_child("none", a.spec()).await.unwrap_err();
    assert!(matches!(missing, CommandError::NotFound { .. }), "{missing}");

    let gated = Gated::new("gated", &log);
    gated.puppet.fail("no license");
    let failed = pool.replace_child(&name, gated.spec()).await.unwrap_err();
    assert!(matches!(failed, CommandError::FailedStart { .. }), "{failed}");
    assert_eq!(pool.counts().await.unwrap().specs, 0, "a dynamic child is forgotten");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_failed_start_leaves_the_new_spec_down() {
    let log = Log::default();
    let (a, new) = (Puppet::new("a", &log), Gated::new("new", &log));
    let (running, handle) =
        started(Strategy::OneForOne, [a.spec(), ChildSpec::new("b", idle)]).await;
    new.puppet.fail("no license");
    let failed = handle.replace_child("a", new.spec()).await.unwrap_err();
    assert!(matches!(failed, CommandError::FailedStart { .. }), "{failed}");
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    assert_eq!(log.take(), "+a -a +new -new", "the start is not retried");
    new.open();
    handle.restart_child("a").await.unwrap();
    assert_eq!(log.take(), "+new");
    running.shutdown().await.unwrap();
}

/// Nothing is replaced by a spec that breaks a rule, nor where there is nothing to replace.
#[tokio::test(start_paused = true)]
async fn rule_39_what_is_refused_changes_nothing() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    let invalid = [
        ChildSpec::new("a", idle).ready_within(Duration::ZERO),
        ChildSpec::new("a", idle).significant(),
        ChildSpec::new("a", idle).backoff(Backoff::exponential(Duration::ZERO).factor(0.5)),
    ];
    for spec in invalid {
        let refused = handle.replace_child("a", spec).await.unwrap_err();
        assert!(matches!(refused, CommandError::Invalid(_)), "{refused}");
    }
    let nested = supervisor(Strategy::OneForOne).child("x", idle).child("x", idle);
    let refused = handle.replace_child("a", nested).await.unwrap_err();
    assert!(matches!(refused, CommandError::Invalid(_)), "{refused}");
    for path in ["b", "a/b", ""] {
        handle.replace_child(path, idle).await.unwrap_err();
    }
    assert_eq!((log.take().as_str(), a.starts()), ("+a", 1));
    running.shutdown().await.unwrap();
    let refused = handle.replace_child("a", idle).await.unwrap_err();
    assert!(matches!(refused, CommandError::NotRunning { .. }), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn rule_39_the_last_of_two_replacements_wins_and_both_are_answered() {
    let log = Log::default();
    let a = Puppet::with("a", &log, OnStop::After(Duration::from_secs(1)));
    let [first, last] = ["first", "last"].map(|name| Puppet::new(name, &log));
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    let replaced = tokio::join!(
        handle.replace_child("a", first.spec()),
        handle.replace_child("a", last.spec()),
    );
    assert!(replaced.0.is_ok() && replaced.1.is_ok());
    settle().await;
    assert_eq!(log.take(), "+a -a +last");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_stop_wins_and_the_new_spec_stays() {
    let log = Log::default();
    let a = Puppet::with("a", &log, OnStop::After(Duration::from_secs(1)));
    let new = Puppet::new("new", &log);
    let (running, handle) = started(Strategy::OneForOne, [a.spec()]).await;
    let (replaced, stopped) =
        tokio::join!(handle.replace_child("a", new.spec()), handle.stop_child("a"));
    assert!(matches!(replaced, Err(CommandError::Stopped { .. })));
    stopped.unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Stopped);
    handle.restart_child("a").await.unwrap();
    settle().await;
    assert_eq!(log.take(), "+a -a +new");
    running.shutdown().await.unwrap();
}

/// A child that waits for its backoff, or is given up, is started at once, with a history of its own.
#[tokio::test(start_paused = true)]
async fn rule_39_the_new_spec_begins_with_an_empty_history() {
    let log = Log::default();
    let [a, new] = ["a", "new"].map(|name| Puppet::new(name, &log));
    let hour = Duration::from_secs(3_600);
    let spec = |puppet: &Puppet| {
        puppet.spec().restart_limit(limit(1)).backoff(Backoff::exponential(hour).jitter(0.0))
    };
    let (running, handle) =
        started(Strategy::OneForOne, [spec(&a), ChildSpec::new("b", idle)]).await;
    a.fail("once");
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Restarting);
    handle.replace_child("a", spec(&new)).await.unwrap();
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    new.fail("once");
    settle().await;
    let restarts_at = handle.child("a").await.unwrap().restarts_at.unwrap();
    assert_eq!((restarts_at - tokio::time::Instant::now()).as_secs().div_ceil(3_600), 1);
    handle.restart_child("a").await.unwrap();
    new.fail("twice");
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::GivenUp);
    handle.replace_child("a", spec(&a)).await.unwrap();
    let status = handle.child("a").await.unwrap();
    assert_eq!((status.state, status.restarts), (ChildState::Running, 3));
    a.fail("now");
    settle().await;
    assert_eq!(state(&handle, "a").await, ChildState::Restarting, "its limit is its own");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_group_that_is_being_restarted_starts_the_new_spec() {
    let log = Log::default();
    let [a, new] = ["a", "new"].map(|name| Puppet::new(name, &log));
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(2)));
    let (running, handle) =
        started(Strategy::OneForAll, [a.spec(), slow.spec(), Puppet::new("z", &log).spec()]).await;
    log.take();
    a.fail("now");
    settle().await;
    assert_eq!(log.take(), "-a -z", "the group waits for `slow`");
    let fast = Puppet::new("fast", &log);
    let replaced = tokio::join!(
        handle.replace_child("a", new.spec()),
        handle.replace_child("slow", fast.spec()),
    );
    assert!(replaced.0.is_ok() && replaced.1.is_ok());
    settle().await;
    assert_eq!(log.take(), "-slow +new +fast +z");
    running.shutdown().await.unwrap();
}

/// The restart of a group leaves temporary children down, and so it leaves a temporary successor.
#[tokio::test(start_paused = true)]
async fn rule_39_a_successor_that_its_group_leaves_out_is_refused() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(2)));
    let running = Supervisor::new(Strategy::OneForAll, limit(3))
        .temporary_siblings(TemporarySiblings::Remove)
        .children([a.spec(), slow.spec()])
        .start();
    let handle = running.handle();
    running.started().await.unwrap();
    let temporary = || ChildSpec::new("a", idle).restart(RestartPolicy::Temporary);
    let under_way = tokio::spawn({
        let (handle, spec) = (handle.clone(), temporary());
        async move { handle.replace_child("slow", spec).await }
    });
    settle().await;
    a.fail("now");
    settle().await;
    let overtaken = under_way.await.unwrap().unwrap_err();
    assert!(matches!(overtaken, CommandError::Restarting { .. }), "{overtaken}");
    let refused = handle.replace_child("a", temporary()).await.unwrap_err();
    assert!(matches!(refused, CommandError::Restarting { .. }), "{refused}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(state(&handle, "a").await, ChildState::Running);
    running.shutdown().await.unwrap();
}

/// A child that replaces itself is answered as soon as that is under way.
#[tokio::test(start_paused = true)]
async fn rule_39_a_child_replaces_itself() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let spec = ChildSpec::new("a", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            ctx.supervisor().replace_child("a", idle).await.unwrap();
            tell.send(()).unwrap();
            ctx.cancelled().await;
        }
    });
    let began = tokio::time::Instant::now();
    let (running, handle) = started(Strategy::OneForOne, [spec]).await;
    assert!(told.recv().await.is_some());
    settle().await;
    assert_eq!(handle.child("a").await.unwrap().restarts, 1);
    assert!(began.elapsed() < Duration::from_secs(1), "nothing had to be killed");
    running.shutdown().await.unwrap();
}

/// A child that is not ready does not wait for the end of its own group's start.
#[tokio::test(start_paused = true)]
async fn rule_39_a_child_does_not_wait_for_a_replacement_that_waits_for_it() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let first = ChildSpec::new("first", move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            tell.send(ctx.supervisor().replace_child("second", idle).await).unwrap();
            ctx.ready().await;
            ctx.cancelled().await;
        }
    });
    let first = first.ready_within(Duration::from_secs(10));
    let running = supervisor(Strategy::OneForOne).children([first]).child("second", idle).start();
    let refused = told.recv().await.unwrap().unwrap_err();
    assert!(matches!(refused, CommandError::WaitsForCaller { .. }), "{refused}");
    running.started().await.unwrap();
    running.shutdown().await.unwrap();
}

/// The destructors of the old start function run when the old instance has ended, and may panic.
#[tokio::test(start_paused = true)]
async fn rule_39_the_old_start_function_is_dropped_with_its_last_instance() {
    struct Loud(mpsc::UnboundedSender<&'static str>);
    impl Drop for Loud {
        fn drop(&mut self) {
            self.0.send("dropped").unwrap();
            panic!("expected: dropped");
        }
    }
    let (tell, mut told) = mpsc::unbounded_channel();
    let held = Arc::new(Loud(tell.clone()));
    let spec = ChildSpec::new("a", move |ctx: ChildContext| {
        let (_held, tell) = (&held, tell.clone());
        async move {
            ctx.cancelled().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            tell.send("ended").unwrap();
        }
    });
    let (running, handle) = started(Strategy::OneForOne, [spec]).await;
    handle.replace_child("a", idle).await.unwrap();
    assert_eq!((told.recv().await, told.recv().await), (Some("ended"), Some("dropped")));
    running.shutdown().await.unwrap();
}

/// A significant child may give way to one that is not significant, and the reverse.
#[tokio::test(start_paused = true)]
async fn rule_39_the_new_spec_may_be_significant() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let significant =
        |puppet: &Puppet| puppet.spec().restart(RestartPolicy::Transient).significant();
    let running = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AllSignificant)
        .children([significant(&a), b.spec()])
        .start();
    running.started().await.unwrap();
    let handle = running.handle();
    handle.replace_child("a", ChildSpec::new("a", idle)).await.unwrap();
    handle.replace_child("b", significant(&b)).await.unwrap();
    b.finish();
    running.wait().await.unwrap();
}

/// A replacement that is under way when the supervisor ends is in its declaration afterwards.
#[tokio::test(start_paused = true)]
async fn rule_39_a_replacement_is_refused_while_its_supervisor_ends() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(1)));
    let new = Puppet::new("new", &log);
    let inner = supervisor(Strategy::OneForOne).children([slow.spec()]);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    running.started().await.unwrap();
    let handle = running.handle();
    let (replaced, restarted, refused) = tokio::join!(
        handle.replace_child("inner/slow", new.spec()),
        handle.restart_child("inner"),
        handle.replace_child("inner/slow", idle),
    );
    assert!(matches!(replaced, Err(CommandError::NotRunning { .. })), "{replaced:?}");
    assert!(matches!(refused, Err(CommandError::NotRunning { .. })), "{refused:?}");
    restarted.unwrap();
    settle().await;
    assert_eq!(log.take(), "+slow -slow +new");
    running.shutdown().await.unwrap();
}

/// An instance that is replaced can tell that from a restart.
#[tokio::test(start_paused = true)]
async fn rule_39_an_instance_knows_that_it_is_replaced() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let spec = || {
        let tell = tell.clone();
        ChildSpec::new("a", move |ctx: ChildContext| {
            let tell = tell.clone();
            async move {
                ctx.cancelled().await;
                let reason = ctx.stop_reason().unwrap();
                tell.send((reason.to_string(), reason.is_restart())).unwrap();
            }
        })
    };
    let inner = supervisor(Strategy::OneForOne).children([spec()]);
    let running = supervisor(Strategy::OneForOne).children([spec()]).child("inner", inner).start();
    running.started().await.unwrap();
    let handle = running.handle();
    handle.replace_child("a", spec()).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), ("`root/a` is replaced".to_owned(), true));
    handle.replace_child("inner", idle).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), ("`root/inner` is replaced".to_owned(), true));
    settle().await;
    let next = supervisor(Strategy::OneForOne).children([spec()]).child("inner", idle);
    let _ = running.reload(next).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), ("`root/a` is replaced".to_owned(), true));
    settle().await;
    let _ = running.reload(supervisor(Strategy::OneForOne)).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), ("`root/a` is stopped by hand".to_owned(), false));
    running.shutdown().await.unwrap();
}

/// The owner of a task aborts it while the task stops for its successor.
#[tokio::test(start_paused = true)]
async fn rule_39_a_task_that_is_aborted_meanwhile_is_replaced_all_the_same() {
    let jobs = DynamicSupervisor::new();
    let running = jobs.clone().start();
    running.started().await.unwrap();
    let task = jobs.task("t").spawn(|_| std::future::pending::<()>()).await.unwrap();
    settle().await;
    let replace = tokio::spawn({
        let jobs = jobs.clone();
        async move {
            let next =
                ChildSpec::new("t", |ctx: ChildContext| async move { ctx.cancelled().await });
            jobs.replace_child("t-1", next).await
        }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    task.abort();
    replace.await.unwrap().unwrap();
    assert_eq!(jobs.child("t-1").await.unwrap().state, ChildState::Running);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_39_a_member_of_a_pool_keeps_its_number() {
    let (tell, mut numbers) = mpsc::unbounded_channel();
    let worker = move |ctx: ChildContext| {
        let tell = tell.clone();
        async move {
            tell.send(ctx.index()).unwrap();
            ctx.cancelled().await;
        }
    };
    let pool = ChildSpec::new("worker", worker.clone()).instances(3);
    let (running, handle) = started(Strategy::OneForOne, [pool]).await;
    handle.replace_child("worker-2", ChildSpec::new("another", worker)).await.unwrap();
    settle().await;
    let told: Vec<_> = std::iter::from_fn(|| numbers.try_recv().ok()).collect();
    assert_eq!(told, [0, 1, 2, 2]);
    running.shutdown().await.unwrap();
}
