//! The errors that no restart can help (rule 35).

use std::error::Error;
use std::sync::mpsc;
use std::time::Duration;

use sage_supervisor::{
    AutoShutdown, BlockingContext, ChildContext, ChildSpec, ChildState, CommandError,
    DynamicSupervisor, EndCause, FailureScope, FinalError, Lent, RestartPolicy, RunningSupervisor,
    SageError, Shutdown, Strategy, Supervisor, SupervisorHandle, child, supervisor as block,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, quiet_panics, settle, supervisor};

use crate::events::told;

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the network is down")]
    Network,
    #[error("the config is wrong")]
    Config,
}

/// A child whose first instance carries `act` out when it is told to, and ends with what it returns.
/// Later instances wait.
fn acting<F, Fut>(name: &str, log: &Log, act: F) -> (ChildSpec, mpsc::Sender<()>)
where
    F: Fn(ChildContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Trouble>> + Send + 'static,
{
    let (tell, told) = mpsc::channel();
    let (told, log, label) = (std::sync::Mutex::new(told), log.clone(), name.to_owned());
    let spec = ChildSpec::new(name, move |ctx: ChildContext| {
        log.push(format!("+{label}"));
        // The test tells before the tree is polled.
        let acts = ctx.restarts() == 0 && told.lock().unwrap().try_recv().is_ok();
        let act = acts.then(|| act(ctx.clone()));
        async move {
            match act {
                Some(act) => act.await,
                None => {
                    ctx.cancelled().await;
                    Ok(())
                }
            }
        }
    });
    tell.send(()).unwrap();
    (spec, tell)
}

fn last(error: &SageError) -> &FinalError {
    let SageError::Final(error) = error else { panic!("{error:#}") };
    error
}

fn trouble<'a>(error: &'a (dyn Error + 'static)) -> &'a Trouble {
    let mut causes = std::iter::successors(Some(error), |&cause| cause.source());
    causes.find_map(|cause| cause.downcast_ref()).expect("the error keeps its type")
}

async fn state(handle: &SupervisorHandle, path: &str) -> ChildState {
    handle.child(path).await.unwrap().state
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_child_that_gives_up_stays_down_alone() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let [before, after] = ["before", "after"].map(|name| Puppet::new(name, &log));
        let (child, _tell) = acting("child", &log, |ctx| async move {
            ctx.give_up(Trouble::Config);
            Ok(())
        });
        let running = Supervisor::new(strategy, limit(0))
            .children([before.spec(), child, after.spec()])
            .start();
        settle().await;
        let handle = running.handle();
        let status = handle.child("child").await.unwrap();
        assert_eq!((status.state, status.restarts), (ChildState::GivenUp, 0), "{strategy:?}");
        assert_eq!(status.last_exit.unwrap().to_string(), "error: the config is wrong");
        assert_eq!(log.take(), "+before +child +after");
        // It is down, and not out: a start by hand is its second chance.
        handle.restart_child("child").await.unwrap();
        assert_eq!(state(&handle, "child").await, ChildState::Running);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_supervisor_ends_with_the_error_of_a_child_that_is_given_up() {
    let (child, _tell) = acting("child", &Log::default(), |ctx| async move {
        ctx.give_up(Trouble::Config);
        Ok(())
    });
    let report = supervisor(Strategy::OneForOne).children([child]).run_with_report().await;
    assert!(matches!(report.cause, EndCause::AllEnded), "{report}");
    assert_eq!(report.stop_failures.count, 0);
    let error = report.into_result().unwrap_err();
    let found = last(&error);
    assert_eq!((found.path.as_str(), found.scope), ("root/child", FailureScope::Child));
    assert!(matches!(trouble(&error), Trouble::Config));
    assert_eq!(format!("{error:#}"), "child `root/child` gave up: error: the config is wrong");
}

/// A call by which a child says that it has failed.
type Says = fn(&ChildContext);

type Act = fn(ChildContext) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Trouble>> + Send>>;

/// The ways in which a child may go on after it has said that it has failed.
const AFTERWARDS: [(&str, Act); 5] = [
    ("ok", |ctx| {
        Box::pin(async move {
            drop(ctx);
            Ok(())
        })
    }),
    ("another error", |_| Box::pin(async { Err(Trouble::Network) })),
    ("a panic", |_| Box::pin(async { panic!("expected: afterwards") })),
    ("goes on", |_| Box::pin(std::future::pending())),
    ("another verdict", |ctx| {
        Box::pin(async move {
            ctx.give_up(Trouble::Network);
            ctx.fail_supervisor(Trouble::Network);
            ctx.fail_tree(Trouble::Network);
            Ok(())
        })
    }),
];

#[tokio::test(start_paused = true)]
async fn rule_35_the_error_is_the_exit_whatever_the_child_does_afterwards() {
    quiet_panics();
    let verdicts: [(FailureScope, Says); 3] = [
        (FailureScope::Child, |ctx| ctx.give_up(Trouble::Config)),
        (FailureScope::Supervisor, |ctx| ctx.fail_supervisor(Trouble::Config)),
        (FailureScope::Tree, |ctx| ctx.fail_tree(Trouble::Config)),
    ];
    for (scope, verdict) in verdicts {
        for (name, afterwards) in AFTERWARDS {
            for shutdown in [Shutdown::BrutalKill, Shutdown::Timeout(Duration::from_secs(1))] {
                let (child, _tell) = acting("child", &Log::default(), move |ctx| {
                    verdict(&ctx);
                    afterwards(ctx)
                });
                let mut tree = supervisor(Strategy::OneForAll).children([child.shutdown(shutdown)]);
                let report = tree.run_with_report().await;
                let exit = report.root.children[0].exit.clone().unwrap();
                assert_eq!(exit.to_string(), "error: the config is wrong", "{scope} {name}");
                assert_eq!(report.restarts, 0, "{scope} {name}");
                let error = report.into_result().unwrap_err();
                assert_eq!(last(&error).scope, scope, "{name}");
                assert!(matches!(trouble(&error), Trouble::Config), "{scope} {name}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_supervisor_that_is_failed_is_a_failed_child_of_its_parent() {
    let log = Log::default();
    let [outer, first, second] = ["outer", "first", "second"].map(|name| Puppet::new(name, &log));
    let (child, _tell) = acting("child", &log, |ctx| async move {
        ctx.fail_supervisor(Trouble::Config);
        Ok(())
    });
    let inner = supervisor(Strategy::OneForOne).children([first.spec(), child, second.spec()]);
    let running = Supervisor::new(Strategy::OneForOne, limit(1))
        .children([outer.spec()])
        .child("inner", inner)
        .start();
    settle().await;
    let handle = running.handle();
    let status = handle.child("inner").await.unwrap();
    assert_eq!((status.state, status.restarts), (ChildState::Running, 1));
    let exit = status.last_exit.unwrap();
    let error = exit.cause().unwrap().downcast_ref::<SageError>().unwrap();
    assert_eq!(last(error).path, "root/inner/child");
    assert_eq!(log.take(), "+outer +first +child +second -second -first +first +child +second");
    assert_eq!(handle.tree().await.unwrap().root.limit.unwrap().used, 1);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_tree_that_is_failed_restarts_nothing_and_stops_in_order() {
    // The innermost supervisors have no other child, so they end with it, and are permanent.
    for levels in 0..4 {
        let log = Log::default();
        let [before, after] = ["before", "after"].map(|name| Puppet::new(name, &log));
        let (child, _tell) = acting("child", &log, |ctx| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            ctx.fail_tree(Trouble::Config);
            Ok(())
        });
        let mut tree = supervisor(Strategy::OneForOne).children([child]);
        let mut path = "child".to_owned();
        for level in 0..levels {
            path = format!("inner-{level}/{path}");
            let inner =
                super::report::entry(tree, &format!("inner-{level}"), RestartPolicy::Permanent);
            tree = supervisor(Strategy::OneForOne).children([inner]);
        }
        let whole = super::report::entry(tree, "whole", RestartPolicy::Permanent);
        let mut tree =
            supervisor(Strategy::OneForOne).children([before.spec(), whole, after.spec()]);
        let report = tree.run_with_report().await;
        assert_eq!(log.take(), "+before +child +after -after -before", "{levels} levels: {report}");
        assert_eq!((report.restarts, report.stop_failures.count), (0, 0), "{levels}: {report}");
        let expected = format!("root/whole/{path}");
        let EndCause::FinalError { path, scope, .. } = &report.cause else { panic!("{report}") };
        assert_eq!((path.as_str(), *scope), (expected.as_str(), FailureScope::Tree));
        let error = report.into_result().unwrap_err();
        assert_eq!(error.to_string(), format!("child `{expected}` failed the tree: error"));
        assert!(matches!(trouble(&error), Trouble::Config));
    }
}

/// A tree with a child that says that it has failed after a time, and a sibling that is slow to stop.
fn failing_during_a_stop(verdict: fn(&ChildContext)) -> RunningSupervisor {
    let slow = Puppet::with("slow", &Log::default(), OnStop::After(Duration::from_secs(3)));
    let child = ChildSpec::new("child", move |ctx: ChildContext| async move {
        ctx.cancelled().await;
        verdict(&ctx);
    });
    let inner = supervisor(Strategy::OneForOne).children([child]);
    supervisor(Strategy::OneForOne).child("inner", inner).children([slow.spec()]).start()
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_shutdown_that_was_asked_for_before_is_no_success_either() {
    let running = failing_during_a_stop(|ctx| ctx.fail_tree(Trouble::Config));
    settle().await;
    let handle = running.handle();
    let error = running.shutdown().await.unwrap_err();
    assert_eq!(last(&error).path, "root/inner/child");
    let report = handle.report().unwrap();
    assert!(matches!(report.cause, EndCause::Requested { .. }), "the first cause counts: {report}");

    // An error of a part that stops with the tree is a failure of the stop.
    let verdicts: [Says; 2] =
        [|ctx| ctx.fail_supervisor(Trouble::Config), |ctx| ctx.give_up(Trouble::Config)];
    for verdict in verdicts {
        let running = failing_during_a_stop(verdict);
        settle().await;
        let error = running.shutdown().await.unwrap_err();
        assert!(matches!(error, SageError::UncleanStop(_)), "{error:#}");
        assert!(format!("{error:#}").contains("the config is wrong"), "{error:#}");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_35_an_error_after_a_request_to_end_is_no_success() {
    let (child, _tell) = acting("child", &Log::default(), |ctx| async move {
        ctx.shutdown_tree("the config is wrong");
        Err(Trouble::Config)
    });
    let error = supervisor(Strategy::OneForOne).children([child]).run().await.unwrap_err();
    assert!(format!("{error:#}").contains("the config is wrong"), "{error:#}");
}

#[tokio::test(start_paused = true)]
async fn rule_35_of_two_children_that_fail_at_once_the_first_counts() {
    let log = Log::default();
    let tree_fails = |name: &str| {
        acting(name, &log, |ctx| async move {
            ctx.fail_tree(if ctx.name() == "a" { Trouble::Config } else { Trouble::Network });
            Ok(())
        })
    };
    let ((a, _tell_a), (b, _tell_b)) = (tree_fails("a"), tree_fails("b"));
    let error = supervisor(Strategy::OneForOne).children([a, b]).run().await.unwrap_err();
    assert_eq!(last(&error).path, "root/a");
    assert!(matches!(trouble(&error), Trouble::Config));
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_child_may_give_up_before_it_is_ready() {
    let log = Log::default();
    let after = Puppet::new("after", &log);
    let (child, _tell) = acting("child", &log, |ctx| async move {
        ctx.give_up(Trouble::Config);
        Ok(())
    });
    let minute = Duration::from_secs(60);
    let running = supervisor(Strategy::OneForOne)
        .children([child.ready_within(minute), after.spec()])
        .start();
    running.started().await.unwrap();
    let handle = running.handle();
    assert_eq!(state(&handle, "child").await, ChildState::GivenUp);
    assert_eq!(after.starts(), 1, "its siblings are started all the same");

    let (late, _tell) = acting("late", &log, |ctx| async move {
        ctx.give_up(Trouble::Config);
        Ok(())
    });
    let refused = handle.start_child(late.ready_within(minute)).await.unwrap_err();
    let CommandError::FailedStart { exit, .. } = refused else { panic!("{refused}") };
    assert!(matches!(trouble(exit.cause().unwrap()), Trouble::Config));
    assert!(matches!(handle.child("late").await, Err(CommandError::NotFound { .. })));
    handle.remove_child("child").await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_35_in_the_restart_of_a_group_the_error_is_kept_and_changes_nothing() {
    let log = Log::default();
    let first = Puppet::new("first", &log);
    let child = ChildSpec::new("child", |ctx: ChildContext| async move {
        ctx.cancelled().await;
        if ctx.restarts() == 0 {
            ctx.give_up(Trouble::Config);
        }
    });
    let running = supervisor(Strategy::OneForAll).children([first.spec(), child]).start();
    settle().await;
    first.fail("boom");
    settle().await;
    let status = running.handle().child("child").await.unwrap();
    assert_eq!((status.state, status.restarts), (ChildState::Running, 1));
    assert_eq!(status.last_exit.unwrap().to_string(), "error: the config is wrong");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_command_decides_about_a_child_that_gives_up() {
    for (restarts, expected) in [(false, ChildState::Stopped), (true, ChildState::Running)] {
        let slow = ChildSpec::new("child", |ctx: ChildContext| async move {
            if ctx.restarts() == 0 {
                ctx.give_up(Trouble::Config);
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
            ctx.cancelled().await;
        });
        let running = supervisor(Strategy::OneForOne).children([slow]).start();
        settle().await;
        let handle = running.handle();
        match restarts {
            true => handle.restart_child("child").await.unwrap(),
            false => handle.stop_child("child").await.unwrap(),
        }
        assert_eq!(state(&handle, "child").await, expected);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_dynamic_supervisor_forgets_a_child_that_gives_up_and_ends_with_one_that_fails_it()
 {
    let jobs = DynamicSupervisor::new();
    let running = jobs.clone().start();
    let log = Log::default();
    let (gives_up, _tell) = acting("job", &log, |ctx| async move {
        ctx.give_up(Trouble::Config);
        Ok(())
    });
    jobs.start_child(gives_up).await.unwrap();
    settle().await;
    assert_eq!(jobs.counts().await.unwrap().specs, 0);

    let (fails, _tell) = acting("job", &log, |ctx| async move {
        ctx.fail_supervisor(Trouble::Config);
        Ok(())
    });
    let idle = Puppet::new("idle", &Log::default());
    jobs.start_child(idle.spec()).await.unwrap();
    jobs.start_child(fails).await.unwrap();
    let error = running.wait().await.unwrap_err();
    assert_eq!(last(&error).scope, FailureScope::Supervisor);
    assert_eq!(idle.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_significant_child_that_gives_up_has_departed() {
    let (child, _tell) = acting("child", &Log::default(), |ctx| async move {
        ctx.give_up(Trouble::Config);
        Ok(())
    });
    let other = Puppet::new("other", &Log::default());
    let error = supervisor(Strategy::OneForOne)
        .auto_shutdown(AutoShutdown::AnySignificant)
        .children([other.spec(), child.restart(RestartPolicy::Transient).significant()])
        .run()
        .await
        .unwrap_err();
    assert!(matches!(error, SageError::Significant(_)), "{error:#}");
    assert!(matches!(trouble(&error), Trouble::Config));
}

#[tokio::test]
async fn rule_35_a_thread_says_so_too() {
    let thread = |ctx: BlockingContext| {
        ctx.fail_tree(Trouble::Config);
        // It has been asked to stop, and waits for that on the real clock.
        while !ctx.wait_cancelled(Duration::from_secs(60)) {}
    };
    let error = supervisor(Strategy::OneForOne)
        .children([ChildSpec::blocking("thread", thread)])
        .run()
        .await
        .unwrap_err();
    assert_eq!(last(&error).path, "root/thread");
}

#[tokio::test(start_paused = true)]
async fn rule_35_after_its_end_an_instance_says_nothing() {
    let (give, contexts) = mpsc::channel();
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        give.send(ctx.clone()).unwrap();
        async move { ctx.cancelled().await }
    });
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    settle().await;
    let handle = running.handle();
    handle.restart_child("child").await.unwrap();
    let old = contexts.recv().unwrap();
    old.give_up(Trouble::Config);
    old.fail_supervisor(Trouble::Config);
    old.fail_tree(Trouble::Config);
    settle().await;
    assert_eq!(state(&handle, "child").await, ChildState::Running);
    running.shutdown().await.unwrap();
    old.fail_tree(Trouble::Config);
}

#[tokio::test(start_paused = true)]
async fn rule_35_the_event_of_the_error_comes_before_the_exit() {
    let (child, _tell) = acting("child", &Log::default(), |ctx| async move {
        ctx.fail_tree(Trouble::Config);
        Ok(())
    });
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    let mut events = running.handle().tree_events();
    assert!(running.wait().await.is_err());
    let what = told(&mut events).await;
    let expected = [
        "root/child child start 1",
        "root/child child final error for the tree: error: the config is wrong",
        "root/child child stop Some(5s)",
        "root/child child exit error: the config is wrong",
    ];
    assert_eq!(what[..4], expected);

    let declared = ChildSpec::new("child", async |_| Err(Trouble::Config));
    let declared = declared.give_up_if(|error: &Trouble| matches!(error, Trouble::Config));
    let running = supervisor(Strategy::OneForOne).children([declared]).start();
    let mut events = running.handle().tree_events();
    assert!(running.wait().await.is_err());
    let what = told(&mut events).await;
    let expected = [
        "root/child child start 1",
        "root/child child final error for the child: error: the config is wrong",
        "root/child child exit error: the config is wrong",
    ];
    assert_eq!(what[..3], expected);
}

fn is_final(error: &Trouble) -> bool {
    matches!(error, Trouble::Config)
}

/// Fails twice with an error that a restart may help, and then with one that it cannot help.
fn thrice(ctx: &ChildContext) -> Trouble {
    if ctx.restarts() < 2 { Trouble::Network } else { Trouble::Config }
}

async fn plain(ctx: ChildContext) -> Result<(), Trouble> {
    Err(thrice(&ctx))
}

#[child(give_up_if = is_final)]
async fn marked(ctx: ChildContext) -> Result<(), Trouble> {
    Err(thrice(&ctx))
}

#[child(give_up_if = |error: &Trouble| is_final(error))]
async fn with_arguments(
    ctx: ChildContext,
    _number: u32,
    _text: Lent<String>,
) -> Result<(), Trouble> {
    Err(thrice(&ctx))
}

#[child(give_up_if = is_final)]
async fn wrapped(ctx: ChildContext) -> anyhow::Result<()> {
    Err(thrice(&ctx))?;
    Ok(())
}

/// Runs a child that gives up with its third error.
async fn gives_up(name: &str, mut tree: Supervisor) {
    let report = tree.run_with_report().await;
    assert_eq!(report.restarts, 2, "{name}: {report}");
    let error = report.into_result().unwrap_err();
    assert_eq!(last(&error).scope, FailureScope::Child, "{name}");
    assert!(matches!(trouble(&error), Trouble::Config), "{name}");
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_child_declares_which_errors_no_restart_can_help() {
    let by_hand = ChildSpec::new("child", plain).give_up_if(is_final);
    gives_up("by hand", supervisor(Strategy::OneForOne).children([by_hand])).await;
    let by_value = block! { #[child(give_up_if = is_final)] child = plain };
    gives_up("a value", by_value).await;
    let closure = block! {
        #[child(give_up_if = is_final)]
        child = async |ctx| Err(thrice(&ctx)),
    };
    gives_up("a closure", closure).await;
    let (number, text) = (7, String::new());
    let clones = block! {
        #[child(give_up_if = is_final, clone(number), lend(text))]
        child = async move |ctx| {
            assert_eq!((number, text.len()), (7, 0));
            Err(thrice(&ctx))
        },
    };
    gives_up("a closure with values", clones).await;
    let open = block! {
        #[child(give_up_if = is_final)]
        child = async |ctx| {
            Err(thrice(&ctx))?;
            Ok(())
        },
    };
    gives_up("a closure with `?`", open).await;
    gives_up("a function", block! { #[child] child = marked() }).await;
    let function = block! { #[child] child = with_arguments(7, String::new()) };
    gives_up("a function with arguments", function).await;
    gives_up("an error in a wrapper", block! { #[child] child = wrapped() }).await;
    let spec = block! { #[child(give_up_if = is_final)] child = ChildSpec::new("child", plain) };
    gives_up("a spec", spec).await;
    let thread = ChildSpec::blocking("child", |ctx: BlockingContext| Err(thrice(&ctx)));
    let thread = block! { #[child(give_up_if = is_final)] child = thread };
    gives_up("a thread", thread).await;
}

fn has_reached_its_limit(error: &SageError) -> bool {
    matches!(error, SageError::Supervisor(_))
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_nested_supervisor_is_judged_by_its_error() {
    let tree = block! {
        #[child(restart = "permanent", give_up_if = has_reached_its_limit)]
        inner = supervisor! {
            max_restarts = 1,

            #[child]
            child = async |_| Err(Trouble::Network),
        },
    };
    let mut tree = tree;
    let report = tree.run_with_report().await;
    // The restart inside, and none of the supervisor.
    assert_eq!(report.restarts, 1);
    let error = report.into_result().unwrap_err();
    assert_eq!(last(&error).path, "root/inner");
}

#[tokio::test(start_paused = true)]
async fn rule_35_no_error_is_judged_that_a_child_was_asked_for_and_no_panic_decides() {
    quiet_panics();
    // The child fails while it is stopped with its group, and is started again.
    let stops_badly = ChildSpec::new("child", |ctx: ChildContext| async move {
        ctx.cancelled().await;
        if ctx.restarts() == 0 { Err(Trouble::Config) } else { Ok(()) }
    });
    let first = Puppet::new("first", &Log::default());
    let running = supervisor(Strategy::OneForAll)
        .children([first.spec(), stops_badly.give_up_if(is_final)])
        .start();
    settle().await;
    first.fail("boom");
    settle().await;
    assert_eq!(state(&running.handle(), "child").await, ChildState::Running);
    running.shutdown().await.unwrap();

    let panics = ChildSpec::new("child", plain).give_up_if(|_: &Trouble| panic!("expected: judge"));
    let report =
        Supervisor::new(Strategy::OneForOne, limit(3)).children([panics]).run_with_report().await;
    assert!(matches!(report.into_result().unwrap_err(), SageError::Supervisor(_)));
}

/// A sibling fails while the rest of the tree is slow to stop. The restart of their group would start the
/// child again.
#[tokio::test(start_paused = true)]
async fn rule_35_nothing_is_restarted_while_a_tree_that_is_failed_stops() {
    // The sibling fails at the instant of the error, or a second later.
    for (levels, after) in [(0, 1), (0, 2), (1, 1), (1, 2), (2, 2)] {
        let log = Log::default();
        let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
        let sibling = Puppet::new("sibling", &log);
        let (child, _tell) = acting("child", &log, |ctx| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            ctx.fail_tree(Trouble::Config);
            Ok(())
        });
        let mut inner = supervisor(Strategy::OneForAll).children([child]);
        for level in 0..levels {
            let name = format!("inner-{level}");
            let entry = super::report::entry(inner, &name, RestartPolicy::Permanent);
            inner = supervisor(Strategy::OneForAll).children([entry]);
        }
        let inner = inner.children([sibling.spec()]);
        let inner = super::report::entry(inner, "whole", RestartPolicy::Permanent);
        let running = supervisor(Strategy::OneForOne).children([inner, slow.spec()]).start();
        tokio::time::sleep(Duration::from_secs(after)).await;
        sibling.fail("at the wrong moment");
        let error = running.wait().await.unwrap_err();
        assert!(matches!(trouble(&error), Trouble::Config), "{error:#}");
        let told = log.take();
        for name in ["+child", "+sibling"] {
            assert_eq!(told.matches(name).count(), 1, "{levels} levels, {after} s: {told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_restart_that_waits_for_its_backoff_does_not_follow_after_the_error() {
    let log = Log::default();
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(9)));
    let sibling = Puppet::new("sibling", &log);
    let (child, _tell) = acting("child", &log, |ctx| async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        ctx.fail_tree(Trouble::Config);
        Ok(())
    });
    let delayed = sibling.spec().backoff(|_| Duration::from_secs(3));
    let inner = supervisor(Strategy::OneForOne).children([child, delayed]);
    let running =
        supervisor(Strategy::OneForOne).child("inner", inner).children([slow.spec()]).start();
    tokio::time::sleep(Duration::from_secs(1)).await;
    sibling.fail("before");
    let error = running.wait().await.unwrap_err();
    assert!(matches!(trouble(&error), Trouble::Config), "{error:#}");
    assert_eq!(log.take().matches("+sibling").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_35_a_child_that_gives_up_in_a_start_by_hand_is_given_up() {
    let (sent, mut exits) = tokio::sync::mpsc::unbounded_channel();
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        let sent = sent.clone();
        async move {
            if ctx.restarts() == 0 {
                ctx.ready().await;
                ctx.cancelled().await;
            } else {
                ctx.give_up(Trouble::Config);
            }
            let _ = sent.send(());
        }
    });
    let running = supervisor(Strategy::OneForOne)
        .keep_alive(true)
        .children([child.ready_within(Duration::from_secs(9))])
        .start();
    running.started().await.unwrap();
    let handle = running.handle();
    let refused = handle.restart_child("child").await.unwrap_err();
    assert!(matches!(refused, CommandError::FailedStart { .. }), "{refused}");
    assert_eq!(state(&handle, "child").await, ChildState::GivenUp);
    assert_eq!((exits.recv().await, exits.recv().await), (Some(()), Some(())));
    let error = running.shutdown().await.unwrap_err();
    assert_eq!(last(&error).scope, FailureScope::Child);
    assert!(matches!(trouble(&error), Trouble::Config));
}

/// The thread never returns, and `after` is started all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_35_a_thread_that_gives_up_and_stays_holds_up_no_start() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let thread = ChildSpec::blocking("thread", move |ctx: BlockingContext| {
        ctx.give_up(Trouble::Config);
        let _ = gate.lock().unwrap().recv();
    });
    let after = Puppet::new("after", &Log::default());
    let minute = Duration::from_secs(60);
    let running = supervisor(Strategy::OneForOne)
        .kill_grace(Duration::from_millis(5))
        .children([thread.ready_within(minute).shutdown(Shutdown::BrutalKill), after.spec()])
        .start();
    after.started(1).await;
    drop(open);
    let handle = running.handle();
    handle.wait_for("thread", ChildState::GivenUp).await.unwrap();
    assert!(matches!(running.shutdown().await, Err(SageError::Final(_))));
}

/// The root is busy with the stop of `slow`, so the group would have the time to start.
#[tokio::test(start_paused = true)]
async fn rule_35_a_group_that_is_being_started_stays_where_it_is_in_a_tree_that_fails() {
    let log = Log::default();
    let (gate, opened) = tokio::sync::watch::channel(false);
    let ready_gated = ChildSpec::new("a", move |ctx: ChildContext| {
        let mut opened = opened.clone();
        async move {
            if ctx.restarts() > 0 {
                opened.wait_for(|open| *open).await.unwrap();
            }
            ctx.ready().await;
            ctx.cancelled().await;
        }
    });
    let b = Puppet::new("b", &log);
    let ready_gated = ready_gated.ready_within(Duration::from_secs(60));
    let group = supervisor(Strategy::OneForAll).children([ready_gated, b.spec()]);
    let (child, _tell) = acting("child", &log, |ctx| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        ctx.fail_tree(Trouble::Config);
        Ok(())
    });
    let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(3)));
    let running = supervisor(Strategy::OneForOne)
        .child("group", group)
        .children([child, slow.spec()])
        .start();
    running.started().await.unwrap();
    running.handle().fail_child("group/a", "lost").await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    gate.send(true).unwrap();
    assert!(matches!(running.wait().await, Err(SageError::Final(_))));
    assert_eq!(b.starts(), 1, "{}", log.take());
}
