//! The texts of errors and the types of their causes (rules 1, 18 and 33).

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, CommandError, DynamicSupervisor, Event, EventKind, Exit,
    RestartPolicy, SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{Recorder, limit, quiet_panics, settle, supervisor};
use tokio::time::timeout;

use crate::events::received;

/// Supervisors nested `depth` deep, none of which restarts the child at the bottom.
fn nested(depth: usize, child: ChildSpec) -> Supervisor {
    let innermost = Supervisor::new(Strategy::OneForOne, limit(0)).children([child]);
    (1..depth).fold(innermost, |below, _| {
        Supervisor::new(Strategy::OneForOne, limit(0)).child("s", below)
    })
}

/// The number of times that the root cause stands in a text.
fn causes(text: &str) -> usize {
    text.matches("the root cause").count()
}

/// An error of `anyhow` with contexts above its root cause.
fn contexts(length: u32) -> anyhow::Result<()> {
    let root = anyhow::anyhow!("the root cause");
    Err((1..length).fold(root, |error, number| error.context(format!("context {number}"))))
}

#[tokio::test(start_paused = true)]
async fn rule_18_each_cause_is_told_once_however_deep() {
    for length in 1..=3 {
        for depth in 1..=4 {
            let recorder = Recorder::default();
            let _recording = tracing::subscriber::set_default(recorder.clone());
            let child = ChildSpec::new("c", move |_| async move { contexts(length) });
            let running = nested(depth, child).start();
            let mut events = running.handle().tree_events();
            let report = running.wait_with_report().await;

            assert_eq!(causes(&report.to_string()), 1, "{report}");
            let json = serde_json::to_value(&report).unwrap();
            assert_eq!(causes(json["error"].as_str().unwrap()), 1, "{json}");
            for trace in recorder.take().iter().filter(|trace| trace.contains("exit=")) {
                assert_eq!(causes(trace), 1, "{trace}");
            }
            let (told, ended) = received(&mut events).await;
            assert!(ended);
            let exits = told.iter().flatten().filter_map(exit).inspect(|exit| {
                assert_eq!(causes(&exit.to_string()), 1, "{exit}");
            });
            assert!(exits.count() > depth);

            let error = report.into_result().unwrap_err();
            assert_eq!(causes(&error.to_string()), 0, "{error}");
            let lines = format!("{error:?}");
            assert_eq!(causes(&lines), 1, "{lines}");
            assert_eq!(lines.lines().count(), 3 + depth - 1 + length as usize - 1 + 1, "{lines}");
            // The source of an error is not part of its own text, whoever shows them.
            let anyhow = anyhow::Error::from(error.clone()).context("outside");
            let eyre = eyre::Report::from(error.clone()).wrap_err("outside");
            for text in [
                format!("{error:#}"),
                format!("{anyhow:#}"),
                format!("{anyhow:?}"),
                format!("{eyre:#}"),
                format!("{eyre:?}"),
            ] {
                assert_eq!(causes(&text), 1, "{text}");
            }
        }
    }
}

fn exit(event: &Event) -> Option<&Exit> {
    match &event.kind {
        EventKind::Exited { exit, .. } | EventKind::RestartLimitReached { exit, .. } => Some(exit),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn rule_18_main_prints_a_line_for_each_cause() {
    let child = ChildSpec::new("c", async |_| contexts(2));
    let error = nested(2, child).name("shop").run().await.unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        "supervisor `shop` reached its maximum restart intensity: child `s` needed more than 0 \
         restarts within 60s; last exit: error\n\
         \n\
         Caused by:\n    \
             0: supervisor `shop/s` reached its maximum restart intensity: child `c` needed more \
         than 0 restarts within 60s; last exit: error\n    \
             1: context 1\n    \
             2: the root cause"
    );
    assert!(format!("{error:#?}").starts_with("Supervisor(\n"), "{error:#?}");
}

/// An error that counts how often it is shown.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fetch_add(1, Ordering::SeqCst);
        f.write_str("the root cause")
    }
}

impl Error for Counted {}

#[tokio::test(start_paused = true)]
async fn rule_18_the_text_of_an_error_is_linear_in_its_depth() {
    const DEPTH: usize = 256;
    let shown = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&shown);
    let child = ChildSpec::new("c", move |_: ChildContext| {
        let error = Counted(Arc::clone(&counted));
        async move { Err(error) }
    });
    let recorder = Recorder::default();
    let recording = tracing::subscriber::set_default(recorder.clone());
    let error = nested(DEPTH, child).run().await.unwrap_err();
    // Each level has an exit and a reached limit, and the tree has an exit.
    assert_eq!(shown.swap(0, Ordering::SeqCst), 2 * DEPTH + 1);
    drop(recording);

    let line = format!("{error:#}");
    assert_eq!(shown.swap(0, Ordering::SeqCst), 1);
    assert!(line.ends_with("; last exit: error: the root cause"), "{}", line.len());
    assert_eq!(line.matches(" reached its maximum restart intensity").count(), DEPTH);
    let lines = format!("{error:?}");
    assert_eq!(shown.swap(0, Ordering::SeqCst), 1);
    assert_eq!(lines.lines().count(), 3 + DEPTH);
    assert_eq!(error.to_string().lines().count(), 1);
    assert_eq!(shown.load(Ordering::SeqCst), 0);
}

/// Runs a tree with a child that fails with `error`, while everybody listens. Returns the exit.
async fn heard<E: Error + Send + Sync + 'static>(make: fn() -> E) -> Exit {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let child = ChildSpec::new("bad", move |_| async move { Err(make()) });
    let running = supervisor(Strategy::OneForOne)
        .children([child.restart(RestartPolicy::Temporary)])
        .child("other", async |ctx: ChildContext| ctx.cancelled().await)
        .start();
    let mut events = running.handle().tree_events();
    settle().await;
    let bad = running.handle().child("bad").await.unwrap();
    let handle = running.handle();
    running.shutdown().await.unwrap();
    assert!(handle.report().unwrap().to_string().len() < 100_000);
    let (told, _) = received(&mut events).await;
    let exits = told.iter().flatten().filter_map(exit).map(|exit| exit.to_string().len());
    assert!(exits.max().unwrap() < 300_000);
    assert!(recorder.take().iter().all(|trace| trace.len() < 300_000));
    bad.last_exit.unwrap()
}

/// A line break in the text of an error would forge another line of a log.
#[tokio::test(start_paused = true)]
async fn rule_1_the_text_of_an_exit_stays_in_one_line() {
    let exit = heard(|| io::Error::other("a\nforged \u{202e}line\u{1b}[0m")).await;
    assert_eq!(exit.to_string(), "error: a\\nforged \\u{202e}line\\u{1b}[0m");
    let error = SageError::other(io::Error::other("a\r\nb"));
    assert_eq!(format!("{error:#}"), "a\\r\\nb");
}

#[tokio::test]
async fn rule_1_a_text_without_end_is_cut_off() {
    #[derive(Debug)]
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("on and ")?;
            }
        }
    }
    impl Error for Endless {}
    let text = heard(|| Endless).await.to_string();
    assert!(text.starts_with("error: on and on and "));
    assert!(text.ends_with("… (cut off here)"), "{}", &text[text.len() - 100..]);

    /// An error that goes on although it is told to stop.
    #[derive(Debug)]
    struct Deaf;
    impl fmt::Display for Deaf {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                let _ = f.write_str("on and ");
            }
        }
    }
    impl Error for Deaf {}
    let text = heard(|| Deaf).await.to_string();
    assert!(text.starts_with("error: on and ") && text.ends_with("… (cut off here)"));

    let text = heard(|| io::Error::other("x".repeat(50_000_000))).await.to_string();
    assert!(text.starts_with("error: xxx") && text.ends_with("… (cut off here)"));
    assert!(text.len() < 20_000);
}

#[tokio::test]
async fn rule_1_sources_that_lead_back_are_shown_once() {
    /// An error that is its own source, or one of two that are the source of each other.
    #[derive(Debug)]
    struct Bad(u8);
    impl fmt::Display for Bad {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "bad {}", self.0)
        }
    }
    impl Error for Bad {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(match self.0 {
                0 => &Self(0),
                1 => &Self(2),
                _ => &Self(1),
            })
        }
    }
    let end = "… (the sources of this error lead back to it)";
    // The error of the child is another value than the one that its source refers to.
    let one = heard(|| Bad(0)).await.to_string();
    assert_eq!(one, format!("error: bad 0: {end}"));
    let two = heard(|| Bad(1)).await.to_string();
    assert!(two.starts_with("error: bad 1: bad 2: bad 1") && two.ends_with(end), "{two}");
    assert!(two.len() < 150, "{two}");
}

#[tokio::test(start_paused = true)]
async fn rule_1_the_message_of_a_panic_is_cut_off() {
    quiet_panics();
    let child = ChildSpec::new("c", async |_| {
        let long = "x".repeat(1_000_000);
        panic!("expected: {long}");
    });
    let error = nested(1, child).run().await.unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("panic: expected: xxx") && text.len() < 20_000, "{}", text.len());
    assert!(text.ends_with("… (cut off here)"));
}

fn refused() -> io::Error {
    ErrorKind::ConnectionRefused.into()
}

/// Returns `true` if this is the error of [`refused`].
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == ErrorKind::ConnectionRefused)
}

fn is_refused_below(exit: &Exit) -> bool {
    std::iter::successors(exit.cause(), |&error| error.source()).any(is_refused)
}

/// Runs a child that fails, and returns its exit as the report of the tree has it.
async fn exit_of<F, E>(make: F) -> Exit
where
    F: Fn() -> E + Clone + Send + Sync + 'static,
    E: Into<BoxError> + Send + 'static,
{
    let child = ChildSpec::new("c", move |_: ChildContext| {
        let make = make.clone();
        async move { Err::<(), _>(make()) }
    });
    let mut tree =
        supervisor(Strategy::OneForOne).children([child.restart(RestartPolicy::Temporary)]);
    let report = tree.run_with_report().await;
    report.failures.last[0].exit.clone()
}

#[tokio::test(start_paused = true)]
async fn rule_1_a_wrapped_error_keeps_its_type() {
    let wrapped = [
        exit_of(refused).await,
        exit_of(|| BoxError::from(refused())).await,
        exit_of(|| anyhow::Error::from(refused())).await,
        exit_of(|| eyre::Report::from(refused())).await,
        exit_of(|| SageError::from(refused())).await,
        exit_of(|| BoxError::from(SageError::from(refused()))).await,
        exit_of(|| SageError::from(anyhow::Error::from(refused()))).await,
        exit_of(|| SageError::from(eyre::Report::from(refused()))).await,
        exit_of(|| SageError::other(anyhow::Error::from(refused()))).await,
        exit_of(|| anyhow::Error::from(SageError::from(refused()))).await,
    ];
    for (number, exit) in wrapped.iter().enumerate() {
        assert!(is_refused(exit.cause().unwrap()), "{number}: {exit}");
        assert_eq!(exit.to_string(), "error: connection refused", "{number}");
    }
    // A context is an error of its own, above the one that it was given to.
    let with_context = [
        exit_of(|| anyhow::Error::from(refused()).context("context")).await,
        exit_of(|| eyre::Report::from(refused()).wrap_err("context")).await,
        exit_of(|| SageError::other(anyhow::Error::from(refused()).context("context"))).await,
        exit_of(|| SageError::other(eyre::Report::from(refused()).wrap_err("context"))).await,
    ];
    for (number, exit) in with_context.iter().enumerate() {
        assert!(!is_refused(exit.cause().unwrap()), "{number}: {exit}");
        assert!(is_refused_below(exit), "{number}: {exit}");
        assert_eq!(exit.to_string(), "error: context: connection refused", "{number}");
    }
    // The closures of a block leave the type of their error open, or declare it.
    let (text, lent) = ("lost".to_owned(), 7);
    let mut app = sage_supervisor::supervisor! {
        #[child(restart = "temporary")]
        declared = async |_| -> anyhow::Result<()> { Err(refused())? },

        #[child(restart = "temporary")]
        open = async |_| {
            Err(anyhow::Error::from(refused()))?;
            Ok(())
        },

        #[child(restart = "temporary", clone(text))]
        cloning = async move |_| {
            drop(text);
            Err(eyre::Report::from(refused()))?;
            Ok(())
        },

        #[child(restart = "temporary", lend(lent))]
        lending = async move |_| {
            drop(lent);
            Err(refused().into())
        },

        #[child(restart = "temporary")]
        boxed = async |_| Err(Box::from(refused())),
    };
    let report = app.run_with_report().await;
    assert_eq!(report.failures.count, 5);
    for failure in &report.failures.last {
        assert!(is_refused(failure.exit.cause().unwrap()), "{}", failure.path);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_1_a_wrapped_error_of_this_crate_is_taken_out() {
    let lost = || SageError::agent("lost");
    for error in [
        SageError::from(anyhow::Error::from(lost())),
        SageError::from(eyre::Report::from(lost())),
        SageError::other(anyhow::Error::from(lost())),
        SageError::other(eyre::Report::from(lost())),
    ] {
        assert!(matches!(error, SageError::Agent(_)), "{error}");
    }
    // A context is not lost.
    let error = SageError::from(anyhow::Error::from(lost()).context("at night"));
    assert_eq!(format!("{error:#}"), "at night: agent error: lost");
    let error = SageError::from(eyre::Report::from(lost()).wrap_err("at night"));
    assert_eq!(format!("{error:#}"), "at night: agent error: lost");
}

#[tokio::test(start_paused = true)]
async fn rule_1_commands_and_tasks_keep_the_type_too() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    running.started().await.unwrap();
    let child = ChildSpec::new("c", async |_| Err::<(), _>(anyhow::Error::from(refused())));
    let failed = pool.start_child(child.ready_within(Duration::from_secs(1))).await.unwrap_err();
    let failed: BoxError = failed.into();
    let command = failed.downcast_ref::<CommandError>().unwrap();
    let CommandError::FailedStart { exit, .. } = command else { panic!("{command}") };
    assert!(is_refused(exit.cause().unwrap()), "{exit}");

    let task = pool.spawn_task("t", async |_| Err::<(), _>(anyhow::Error::from(refused())));
    let result = task.await.unwrap().await.unwrap();
    assert!(is_refused(&*result.unwrap_err()));
    running.shutdown().await.unwrap();
}

/// An error that tells when the last copy of it is gone.
#[derive(Debug)]
struct Held(#[expect(dead_code, reason = "counted by the test")] Arc<()>);

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("held")
    }
}

impl Error for Held {}

#[tokio::test(start_paused = true)]
async fn rule_33_an_event_is_dropped_when_nobody_can_receive_it() {
    let holders = Arc::new(());
    let orders = Arc::new(Mutex::new(0_u32));
    let (held, ordered) = (Arc::clone(&holders), Arc::clone(&orders));
    let child = ChildSpec::new("a", move |ctx: ChildContext| {
        let error = Held(Arc::clone(&held));
        let ordered = Arc::clone(&ordered);
        async move {
            let goes_on = {
                let mut left = ordered.lock().unwrap();
                *left = left.saturating_sub(1);
                *left > 0
            };
            if goes_on {
                return Err(error);
            }
            ctx.cancelled().await;
            drop(error);
            Ok(())
        }
    });
    let running = supervisor(Strategy::OneForOne).unlimited_restarts().children([child]).start();
    settle().await;
    let handle = running.handle();
    let fails = async |times: u32| {
        *orders.lock().unwrap() = times;
        handle.restart_child("a").await.unwrap();
        settle().await;
    };
    fails(100).await;
    // The test, the start function and the present instance, and the exits that a snapshot shows.
    let without_events = Arc::strong_count(&holders);
    assert!(without_events < 10, "{without_events}");

    // An event is kept for one subscriber that is slow, and for no longer.
    let [mut quick, slow, slower] = [(); 3].map(|()| handle.tree_events());
    fails(100).await;
    let all = Arc::strong_count(&holders);
    assert!(all > 90, "{all}");
    drop(received(&mut quick).await);
    drop(slow);
    assert_eq!(Arc::strong_count(&holders), all);
    drop(slower);
    assert_eq!(Arc::strong_count(&holders), without_events);

    // The subscriber that has left keeps nothing for itself, and neither does the tree.
    drop(quick);
    fails(100).await;
    assert_eq!(Arc::strong_count(&holders), without_events);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_33_events_are_bounded_in_bytes_too() {
    const MIB: usize = 1024 * 1024;
    let child = ChildSpec::new("a", async |ctx: ChildContext| {
        if ctx.restarts() < 100 {
            return Err("x".repeat(MIB));
        }
        ctx.cancelled().await;
        Ok(())
    });
    let running = supervisor(Strategy::OneForOne).unlimited_restarts().children([child]).start();
    let mut events = running.handle().tree_events();
    settle().await;
    let missed = events.recv().await.unwrap().unwrap_err().missed;
    let (kept, _) = received(&mut events).await;
    let kept: Vec<_> = kept.into_iter().map(Result::unwrap).collect();
    // There are three events for each instance that fails, and one for the last.
    assert_eq!(missed + kept.len() as u64, 3 * 100 + 1);
    let large = kept.iter().filter(|event| !matches!(event.kind, EventKind::Started { .. }));
    assert!((14..=16).contains(&large.count()));
    assert_eq!(events.missed(), missed);
    running.shutdown().await.unwrap();
}

/// A child that never has to wait for events leaves time for others.
#[tokio::test(start_paused = true)]
async fn rule_33_a_subscriber_with_many_events_lets_others_run() {
    let child = ChildSpec::new("a", async |ctx: ChildContext| {
        if ctx.restarts() < 300 {
            return Err("again");
        }
        ctx.cancelled().await;
        Ok(())
    });
    let running = supervisor(Strategy::OneForOne).unlimited_restarts().children([child]).start();
    let mut events = running.handle().tree_events();
    settle().await;
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..900 {
        events.recv().await.unwrap().unwrap();
    }
    assert!(turns.load(Ordering::SeqCst) >= 4);
    other.abort();
    timeout(Duration::from_secs(60), running.shutdown()).await.unwrap().unwrap();
}
