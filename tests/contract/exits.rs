//! The exit of an instance, and its consequences (rules 1 to 3).

use std::error::Error;
use std::sync::{Arc, Mutex};

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, Exit, RestartPolicy, SageError, SageResult, Shutdown,
    Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, quiet_panics, settle, supervisor};

/// Runs a child once more after its first instance, and returns the exit of the first instance as
/// the second one sees it.
async fn previous_exit<F, Fut>(first: F) -> Exit
where
    F: Fn(ChildContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    quiet_panics();
    let seen = Arc::new(Mutex::new(None));
    let seen_by_child = Arc::clone(&seen);
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        let previous = ctx.previous_exit().cloned();
        let again = previous.is_some();
        *seen_by_child.lock().unwrap() = previous;
        let first = (!again).then(|| first(ctx.clone()));
        async move {
            match first {
                Some(first) => first.await,
                None => {
                    ctx.cancelled().await;
                    Ok(())
                }
            }
        }
    });
    let running = supervisor(Strategy::OneForOne).children([child]).start();
    settle().await;
    running.shutdown().await.unwrap();
    seen.lock().unwrap().take().expect("it was restarted")
}

#[tokio::test(start_paused = true)]
async fn rule_1_ok_and_unit_are_normal_exits() {
    assert!(matches!(previous_exit(async |_| Ok(())).await, Exit::Normal));
}

#[derive(Debug)]
struct Outer(Inner);
#[derive(Debug)]
struct Inner;

impl std::fmt::Display for Outer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("outer")
    }
}
impl std::fmt::Display for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("inner")
    }
}
impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
impl Error for Inner {}

#[tokio::test(start_paused = true)]
async fn rule_1_an_error_keeps_itself_and_its_source_chain() {
    let exit = previous_exit(async |_| Err(Outer(Inner).into())).await;
    let cause = exit.cause().expect("an error exit has a cause");
    assert!(cause.downcast_ref::<Outer>().is_some());
    assert!(cause.source().unwrap().downcast_ref::<Inner>().is_some());
    assert_eq!(exit.to_string(), "error: outer: inner");
}

#[tokio::test(start_paused = true)]
async fn rule_1_a_panic_is_caught_and_keeps_its_message() {
    let exit = previous_exit(async |_| panic!("expected: {}", 7)).await;
    assert_eq!(exit.to_string(), "panic: expected: 7");
    assert!(matches!(exit, Exit::Panic(panic) if panic.message() == "expected: 7"));
}

#[tokio::test(start_paused = true)]
async fn rule_1_every_output_of_the_contract_is_accepted() {
    async fn unit(_: ChildContext) {}
    async fn sage(_: ChildContext) -> SageResult<()> {
        std::fs::read("there is no such file").map_err(SageError::from).map(drop)
    }
    async fn io(_: ChildContext) -> std::io::Result<()> {
        Ok(())
    }
    async fn boxed(_: ChildContext) -> Result<(), BoxError> {
        Ok(())
    }
    async fn endless(_: ChildContext) -> std::convert::Infallible {
        std::future::pending().await
    }
    let endless = ChildSpec::new("endless", endless).shutdown(Shutdown::BrutalKill);
    let forever = ChildSpec::new("forever", async |_| {
        loop {
            std::future::pending::<()>().await;
        }
    });
    let running = supervisor(Strategy::OneForOne)
        .child("unit", ChildSpec::new("", unit).restart(RestartPolicy::Temporary))
        .child("sage", ChildSpec::new("", sage).restart(RestartPolicy::Temporary))
        .child("io", ChildSpec::new("", io).restart(RestartPolicy::Temporary))
        .child("boxed", ChildSpec::new("", boxed).restart(RestartPolicy::Temporary))
        .children([forever.shutdown(Shutdown::BrutalKill), endless])
        .start();
    settle().await;
    running.shutdown().await.unwrap();
}

#[test]
fn rule_1_errors_of_other_types_convert() {
    let io = SageError::from(std::io::Error::other("disk"));
    assert_eq!(io.to_string(), "disk");
    let boxed = SageError::from(BoxError::from(Outer(Inner)));
    assert_eq!(boxed.to_string(), "outer");
    assert_eq!(boxed.source().unwrap().to_string(), "inner");
    let back = SageError::from(BoxError::from(SageError::agent("lost")));
    assert!(matches!(back, SageError::Agent(message) if message == "lost"));
}

/// The exit of `a` in a group restart, as the next instance of `a` sees it.
async fn exit_when_stopped(on_stop: OnStop) -> Exit {
    quiet_panics();
    let log = Log::default();
    let (a, b) = (Puppet::with("a", &log, on_stop), Puppet::new("b", &log));
    let seen = Arc::new(Mutex::new(None));
    let seen_by_child = Arc::clone(&seen);
    let observer = ChildSpec::new("observed", move |ctx: ChildContext| {
        *seen_by_child.lock().unwrap() = ctx.previous_exit().cloned();
        let puppet = a.clone();
        async move { puppet.act_with(ctx).await }
    });
    let running = supervisor(Strategy::OneForAll).children([observer, b.spec()]).start();
    settle().await;
    b.fail("now");
    b.started(2).await;
    settle().await;
    running.kill().await.unwrap();
    let exit = seen.lock().unwrap().take();
    exit.expect("it was restarted with its group")
}

#[tokio::test(start_paused = true)]
async fn rule_2_asked_to_stop_and_returning_normally_is_shutdown() {
    assert!(matches!(exit_when_stopped(OnStop::Obey).await, Exit::Shutdown));
}

#[tokio::test(start_paused = true)]
async fn rule_2_an_error_while_stopping_is_kept_and_changes_nothing() {
    let exit = exit_when_stopped(OnStop::Fail).await;
    assert_eq!(exit.to_string(), "error: failed while stopping");
}

#[tokio::test(start_paused = true)]
async fn rule_2_a_panic_while_stopping_is_kept_and_changes_nothing() {
    let exit = exit_when_stopped(OnStop::Panic).await;
    assert_eq!(exit.to_string(), "panic: expected: panicked while stopping");
}

#[tokio::test(start_paused = true)]
async fn rule_2_stopped_beyond_its_time_is_killed() {
    assert!(matches!(exit_when_stopped(OnStop::Ignore).await, Exit::Killed));
}

/// Cancelling a clone of the token makes no request: only the flag of the engine counts.
#[tokio::test(start_paused = true)]
async fn rule_2_cancelling_ones_own_token_is_not_being_asked_to_stop() {
    let exit = previous_exit(async |ctx| {
        let token = ctx.token();
        token.cancel();
        token.cancelled().await;
        assert!(!ctx.is_cancelled());
        Ok(())
    });
    assert!(matches!(exit.await, Exit::Normal));
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ends {
    Ok,
    Err,
    Panics,
}

/// Rule 3 and rules 9 to 12 as one table: strategies × policies × exits.
#[tokio::test(start_paused = true)]
async fn rule_3_the_restart_table_under_every_strategy() {
    quiet_panics();
    let strategies = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];
    let policies = [RestartPolicy::Permanent, RestartPolicy::Transient, RestartPolicy::Temporary];
    for strategy in strategies {
        for policy in policies {
            for end in [Ends::Ok, Ends::Err, Ends::Panics] {
                let log = Log::default();
                let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
                let running = Supervisor::new(strategy, limit(1))
                    .children([a.spec(), b.spec().restart(policy), c.spec()])
                    .start();
                settle().await;
                assert_eq!(log.take(), "+a +b +c");
                match end {
                    Ends::Ok => b.finish(),
                    Ends::Err => b.fail("failed"),
                    Ends::Panics => b.panic("expected: panicked"),
                }
                settle().await;
                let restarts = match policy {
                    RestartPolicy::Permanent => true,
                    RestartPolicy::Transient => end != Ends::Ok,
                    RestartPolicy::Temporary => false,
                };
                let expected = match (restarts, strategy) {
                    (false, _) => "-b",
                    (true, Strategy::OneForOne) => "-b +b",
                    (true, Strategy::OneForAll) => "-b -c -a +a +b +c",
                    (true, Strategy::RestForOne) => "-b -c +b +c",
                };
                assert_eq!(log.take(), expected, "{strategy:?}, {policy:?}, {end:?}");
                running.shutdown().await.unwrap();
                assert_eq!([a.peak(), b.peak(), c.peak()], [1, 1, 1]);
            }
        }
    }
}
