//! The group `misc B`, except for the cases in `misc_b_restarting` and `simple_misc`: counts, the
//! data that are kept of temporary children, the order, many children, and reports.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, CommandError, IntoChild, RestartPolicy, Strategy,
    Supervisor, TemporarySiblings,
};
use sage_supervisor_tests::{
    Log, Puppet, Recorder, limit, no_task_is_left, quiet_panics, settle, supervisor,
};

use crate::{SECOND, counts, idle, names, up};

const STRATEGIES: [Strategy; 3] = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];

/// Two thousand children that were added by hand are counted, and zero when all have ended.
#[tokio::test(start_paused = true)]
async fn count_children_added_by_hand() {
    let log = Log::default();
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    let puppets: Vec<_> =
        (0..2_000).map(|number| Puppet::new(&format!("child-{number}"), &log)).collect();
    for puppet in &puppets {
        handle.start_child(puppet.spec().restart(RestartPolicy::Temporary)).await.unwrap();
    }
    assert_eq!(counts(&handle).await, [2_000, 2_000, 0, 0, 2_000]);
    for puppet in &puppets {
        puppet.fail("now");
    }
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

/// The same with supervisors.
#[tokio::test(start_paused = true)]
async fn count_children_supervisor_added_by_hand() {
    let log = Log::default();
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    let puppets: Vec<_> = (0..200).map(|_| Puppet::new("worker", &log)).collect();
    for (number, puppet) in puppets.iter().enumerate() {
        let worker = puppet.spec().restart(RestartPolicy::Transient);
        let nested = supervisor(Strategy::OneForOne).children([worker]);
        let nested = nested.into_child(format!("nested-{number}"));
        handle.start_child(nested.restart(RestartPolicy::Temporary)).await.unwrap();
    }
    assert_eq!(counts(&handle).await, [200, 200, 0, 200, 0]);
    for puppet in &puppets {
        puppet.finish();
    }
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

/// The values that temporary children were started with do not accumulate, and are released with
/// the supervisor at the latest. OTP releases them as soon as the child is up; ours may start the
/// child again with its group (rule 13).
#[tokio::test(start_paused = true)]
async fn do_not_save_start_parameters_for_temporary_children() {
    for strategy in STRATEGIES {
        let (running, handle) = up(supervisor(strategy).keep_alive(true)).await;
        let parameter = Arc::new(());
        for _ in 0..100 {
            let given = Arc::clone(&parameter);
            let child = ChildSpec::new("child", move |_| {
                let given = Arc::clone(&given);
                async move { drop(given) }
            });
            handle.start_child(child.restart(RestartPolicy::Temporary)).await.unwrap();
            settle().await;
            assert!(Arc::strong_count(&parameter) <= 2);
        }
        running.shutdown().await.unwrap();
        no_task_is_left().await;
        assert_eq!(Arc::strong_count(&parameter), 1);
    }
}

/// The name of an added temporary child is free as soon as the child has ended, in whatever way.
/// The name of any other child stays taken, whether the child is up or not.
#[tokio::test(start_paused = true)]
async fn do_not_save_child_specs_for_temporary_children() {
    quiet_panics();
    for strategy in STRATEGIES {
        let (running, handle) = up(supervisor(strategy).keep_alive(true)).await;
        let log = Log::default();
        for end in 0..4 {
            let a = Puppet::new("a", &log);
            handle.start_child(a.spec().restart(RestartPolicy::Temporary)).await.unwrap();
            let again = handle.start_child(ChildSpec::new("a", idle)).await;
            assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })), "{again:?}");
            match end {
                0 => a.finish(),
                1 => a.fail("now"),
                2 => a.panic("expected: now"),
                _ => {
                    handle.stop_child("a").await.unwrap();
                    // The child may still be listed as stopped.
                    let _ = handle.remove_child("a").await;
                }
            }
            settle().await;
            assert_eq!(names(&handle).await, "", "{end}");
        }
        for policy in [RestartPolicy::Permanent, RestartPolicy::Transient] {
            let spec = || ChildSpec::new("a", idle).restart(policy);
            handle.start_child(spec()).await.unwrap();
            let again = handle.start_child(spec()).await;
            assert!(matches!(again, Err(CommandError::AlreadyRunning { .. })), "{again:?}");
            handle.stop_child("a").await.unwrap();
            let again = handle.start_child(spec()).await;
            assert!(matches!(again, Err(CommandError::AlreadyExists { .. })), "{again:?}");
            handle.remove_child("a").await.unwrap();
        }
        running.shutdown().await.unwrap();
    }
}

/// A temporary sibling that a group restart stops costs no restart, and neither does its own exit.
/// The sibling is not restarted if the supervisor is set so, as in OTP; by default it is (rule 13).
#[tokio::test(start_paused = true)]
async fn temporary_bystander() {
    for strategy in [Strategy::OneForAll, Strategy::RestForOne] {
        for siblings in [TemporarySiblings::Restart, TemporarySiblings::Remove] {
            let log = Log::default();
            let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
            let tree = Supervisor::new(strategy, limit(1))
                .temporary_siblings(siblings)
                .children([a.spec(), b.spec().restart(RestartPolicy::Temporary)]);
            let (running, handle) = up(tree).await;
            log.take();
            a.fail("now");
            settle().await;
            if siblings == TemporarySiblings::Restart {
                assert_eq!(log.take(), "-a -b +a +b");
                b.fail("for good");
                settle().await;
                assert_eq!(log.take(), "-b");
            } else {
                assert_eq!(log.take(), "-a -b +a");
            }
            assert!(!handle.has_ended(), "one restart was charged");
            a.fail("one too many");
            running.wait().await.unwrap_err();
        }
    }
}

/// Each instance registers a name that only one holder can have. The name is free again before the
/// next instance starts, however the last one ended.
#[tokio::test(start_paused = true)]
async fn simple_global_supervisor() {
    struct Registered(Arc<Mutex<HashSet<&'static str>>>, &'static str);
    impl Drop for Registered {
        fn drop(&mut self) {
            self.0.lock().unwrap().remove(self.1);
        }
    }
    quiet_panics();
    let log = Log::default();
    let registry = Arc::new(Mutex::new(HashSet::new()));
    let puppets = ["server", "worker"].map(|name| Puppet::new(name, &log));
    let [server, worker] = ["server", "worker"].map(|name| {
        let (registry, index) = (Arc::clone(&registry), usize::from(name == "worker"));
        let puppet = puppets[index].clone();
        ChildSpec::new(name, move |ctx: ChildContext| {
            let (registry, puppet) = (Arc::clone(&registry), puppet.clone());
            async move {
                assert!(registry.lock().unwrap().insert(name), "the name is taken");
                let _registered = Registered(registry, name);
                puppet.act_with(ctx).await
            }
        })
    });
    let inner = supervisor(Strategy::OneForAll).children([worker]);
    let tree = supervisor(Strategy::OneForAll).children([server]).child("inner", inner);
    let (running, handle) = up(tree).await;
    let [server, worker] = &puppets;
    for round in 0..2 {
        worker.panic("expected: now");
        settle().await;
        server.fail("now");
        settle().await;
        handle.restart_child("inner").await.unwrap();
        handle.restart_child("server").await.unwrap();
        settle().await;
        assert_eq!((server.starts(), worker.starts()), (3 + 2 * round, 4 + 3 * round));
        assert_eq!(registry.lock().unwrap().len(), 2);
    }
    running.shutdown().await.unwrap();
    assert!(registry.lock().unwrap().is_empty());
}

/// Children start and restart in the order of the declaration, and stop in reverse.
#[tokio::test(start_paused = true)]
async fn order_of_children() {
    let log = Log::default();
    let puppets = ["a", "b", "c", "d", "e"].map(|name| Puppet::new(name, &log));
    let tree = supervisor(Strategy::RestForOne).children(puppets.each_ref().map(Puppet::spec));
    let (running, handle) = up(tree).await;
    assert_eq!(log.take(), "+a +b +c +d +e");
    assert_eq!(names(&handle).await, "a b c d e");
    puppets[2].fail("now");
    settle().await;
    assert_eq!(log.take(), "-c -e -d +c +d +e");
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "-e -d -c -b -a");
}

/// Twenty thousand children start in order and stop in reverse. (The growth of the time with the
/// number of children is measured elsewhere, because a test of it could fail by load.)
#[tokio::test(start_paused = true)]
async fn scale_start_stop_many_children() {
    struct Ends(Arc<Mutex<Vec<u32>>>, u32);
    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(self.1);
        }
    }
    let (started, ended) = (Arc::new(Mutex::new(vec![])), Arc::new(Mutex::new(vec![])));
    let children = (0..20_000).map(|number| {
        let (started, ended) = (Arc::clone(&started), Arc::clone(&ended));
        ChildSpec::new(number.to_string(), move |ctx: ChildContext| {
            started.lock().unwrap().push(number);
            let ends = Ends(Arc::clone(&ended), number);
            async move {
                let _ends = ends;
                ctx.cancelled().await;
            }
        })
    });
    let (running, handle) = up(supervisor(Strategy::OneForOne).children(children)).await;
    assert_eq!(counts(&handle).await, [20_000, 20_000, 0, 0, 20_000]);
    assert!(started.lock().unwrap().iter().copied().eq(0..20_000));
    running.shutdown().await.unwrap();
    assert!(ended.lock().unwrap().iter().copied().eq((0..20_000).rev()));
    no_task_is_left().await;
}

/// The event of a failure names the place and the reasons, down to the first cause.
#[tokio::test(start_paused = true)]
async fn format_log_2() {
    #[derive(Debug)]
    struct Save(std::io::Error);
    impl std::fmt::Display for Save {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the order was not saved")
        }
    }
    impl std::error::Error for Save {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let writer = ChildSpec::new("writer", async |ctx: ChildContext| {
        if ctx.restarts() > 0 {
            ctx.cancelled().await;
            return Ok(());
        }
        Err(Save(std::io::Error::other("disk full")))
    });
    let (running, _) = up(supervisor(Strategy::OneForOne).name("shop").children([writer])).await;
    let told = recorder.take();
    let expected = "WARN event=exit path=shop/writer child=writer exit=error: the order was not \
                    saved: disk full asked=false";
    assert!(told.iter().any(|event| event == expected), "{told:?}");
    running.shutdown().await.unwrap();
}

/// A start function reports as an error that another holder already has its work. This very error
/// is the answer, and nothing is kept of the child.
#[tokio::test(start_paused = true)]
async fn already_started_outside_supervisor() {
    #[derive(Debug, PartialEq)]
    struct AlreadyStarted(u32);
    impl std::fmt::Display for AlreadyStarted {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "process {} has the name", self.0)
        }
    }
    impl std::error::Error for AlreadyStarted {}
    let (running, handle) = up(supervisor(Strategy::OneForOne).keep_alive(true)).await;
    let child = ChildSpec::new("child", async |_| Err::<(), BoxError>(AlreadyStarted(7).into()));
    let failed = handle.start_child(child.ready_within(SECOND)).await.unwrap_err();
    let CommandError::FailedStart { exit, .. } = failed else { panic!("{failed}") };
    assert_eq!(exit.cause().unwrap().downcast_ref(), Some(&AlreadyStarted(7)));
    assert_eq!(names(&handle).await, "");
    running.shutdown().await.unwrap();
}
