//! The restart limit (rules 17 and 18).

use std::error::Error;
use std::time::Duration;

use sage_supervisor::{
    BoxError, ChildSpec, RestartConfig, RestartPolicy, SageError, Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, OnStop, Puppet, limit, quiet_panics, settle, supervisor};

#[tokio::test(start_paused = true)]
async fn rule_17_the_next_restart_after_the_last_allowed_one_exceeds_the_limit() {
    for allowed in [0, 1, 3] {
        let log = Log::default();
        let a = Puppet::new("a", &log);
        let running =
            Supervisor::new(Strategy::OneForOne, limit(allowed)).children([a.spec()]).start();
        for _ in 0..=allowed {
            a.fail("again");
        }
        running.wait().await.unwrap_err();
        assert_eq!(a.starts(), allowed as usize + 1);
    }
}

/// Returns whether a supervisor survives two restarts with a pause between them, if one restart
/// within ten seconds is allowed.
async fn survives(pause: Duration) -> bool {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let config = RestartConfig { max_restarts: 1, within: Duration::from_secs(10) };
    let running = Supervisor::new(Strategy::OneForOne, config).children([a.spec()]).start();
    a.fail("first");
    a.started(2).await;
    let first = tokio::time::Instant::now();
    tokio::time::sleep_until(first + pause).await;
    a.fail("second");
    settle().await;
    let survived = a.starts() == 3;
    assert_eq!(running.handle().has_ended(), !survived);
    survived
}

#[tokio::test(start_paused = true)]
async fn rule_17_a_restart_exactly_within_ago_still_counts() {
    assert!(!survives(Duration::from_secs(10)).await);
    assert!(survives(Duration::from_millis(10_001)).await);
}

#[tokio::test(start_paused = true)]
async fn rule_17_a_group_restart_counts_once() {
    let log = Log::default();
    let puppets = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
    let children = puppets.each_ref().map(Puppet::spec);
    let running = Supervisor::new(Strategy::OneForAll, limit(2)).children(children).start();
    settle().await;
    for puppet in &puppets[..2] {
        puppet.fail("now");
        settle().await;
    }
    assert!(puppets.iter().all(|puppet| puppet.starts() == 3));
    puppets[2].fail("one too many");
    running.wait().await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn rule_17_exits_without_a_restart_do_not_count() {
    let log = Log::default();
    let (a, b) = (Puppet::new("a", &log), Puppet::new("b", &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(0))
        .children([
            a.spec().restart(RestartPolicy::Temporary),
            b.spec().restart(RestartPolicy::Transient),
        ])
        .start();
    a.fail("for good");
    b.finish();
    running.wait().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_17_the_default_is_five_within_a_minute() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = supervisor(Strategy::OneForOne).children([a.spec()]).start();
    for _ in 0..6 {
        a.fail("again");
    }
    let error = running.wait().await.unwrap_err();
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!((reached.max_restarts, reached.within), (5, Duration::from_secs(60)));
    assert_eq!(a.starts(), 6);
}

#[tokio::test(start_paused = true)]
async fn rule_17_an_unlimited_supervisor_never_reaches_a_limit() {
    let log = Log::default();
    let a = Puppet::new("a", &log);
    let running = supervisor(Strategy::OneForOne).unlimited_restarts().children([a.spec()]).start();
    for _ in 0..10_000 {
        a.fail("again");
    }
    a.started(10_001).await;
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_18_a_reached_restart_limit_stops_every_sibling_in_reverse_before_it_returns() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne] {
        let log = Log::default();
        let slow = Puppet::with("slow", &log, OnStop::After(Duration::from_secs(2)));
        let [a, b, c] = ["a", "b", "c"].map(|name| Puppet::new(name, &log));
        let running = Supervisor::new(strategy, limit(0))
            .children([a.spec(), b.spec(), slow.spec(), c.spec()])
            .start();
        settle().await;
        log.take();
        b.fail("now");
        running.wait().await.unwrap_err();
        assert_eq!(log.take(), "-b -c -slow -a", "{strategy:?}");
    }
}

#[derive(Debug)]
struct DiskFull;

impl std::fmt::Display for DiskFull {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("disk full")
    }
}

impl Error for DiskFull {}

#[tokio::test(start_paused = true)]
async fn rule_18_the_error_names_child_path_count_window_and_cause() {
    let writer = ChildSpec::new("writer", async |_| Err::<(), BoxError>(DiskFull.into()));
    let config = RestartConfig { max_restarts: 2, within: Duration::from_secs(30) };
    let tree = Supervisor::new(Strategy::OneForOne, config).name("shop").children([writer]);
    let error = tree.start().wait().await.unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "supervisor `shop` reached its maximum restart intensity: child `writer` needed more than \
         2 restarts within 30s; last exit: error: disk full"
    );
    assert!(error.source().unwrap().downcast_ref::<DiskFull>().is_some());
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!((reached.path.as_str(), reached.child.as_str()), ("shop", "writer"));
}

#[tokio::test(start_paused = true)]
async fn rule_18_a_panic_keeps_its_message_up_to_the_final_error() {
    quiet_panics();
    let writer = ChildSpec::new("writer", async |_| panic!("expected: out of paper"));
    let inner = Supervisor::new(Strategy::OneForOne, limit(1)).children([writer]);
    let tree = Supervisor::new(Strategy::OneForOne, limit(1)).child("inner", inner);
    let error = tree.start().wait().await.unwrap_err();
    let mut chain = vec![];
    let mut link: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(error) = link {
        chain.push(error.to_string());
        link = error.source();
    }
    assert_eq!(chain.len(), 3);
    assert!(chain[0].contains("supervisor `root`") && chain[0].contains("child `inner`"));
    assert!(chain[1].contains("supervisor `root/inner`") && chain[1].contains("child `writer`"));
    assert_eq!(chain[2], "expected: out of paper");
}

#[tokio::test(start_paused = true)]
async fn rule_18_the_failed_child_is_not_restarted_and_nothing_else_is() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let running = Supervisor::new(Strategy::OneForOne, limit(0))
        .children([a.spec().shutdown(Shutdown::Infinity), b.spec()])
        .start();
    settle().await;
    a.fail("now");
    b.fail("at the same moment");
    let error = running.wait().await.unwrap_err();
    assert_eq!([a.starts(), b.starts()], [1, 1]);
    let SageError::Supervisor(reached) = error else { panic!("{error}") };
    assert_eq!((reached.child.as_str(), reached.exit.to_string().as_str()), ("a", "error: now"));
}
