//! The spans in which children run (rule 42).

use std::sync::mpsc;
use std::time::Duration;

use sage_supervisor::{
    BlockingContext, ChildContext, ChildSpec, DynamicSupervisor, OnceChild, RestartPolicy,
    Shutdown, Strategy, Supervisor, supervisor as block,
};
use sage_supervisor_tests::{SpanCall, SpanRecorder, limit, quiet_panics, settle, supervisor};
use tracing::dispatcher::{self, get_default};

/// Logs a line when it is dropped.
struct LogsItsEnd;

impl Drop for LogsItsEnd {
    fn drop(&mut self) {
        tracing::info!("dropped");
    }
}

/// Logs in its start function, in its future, and in the destructor of its future.
fn logger(_: ChildContext) -> impl Future<Output = ()> + Send {
    tracing::info!("starts");
    async {
        let _held = LogsItsEnd;
        tokio::task::yield_now().await;
        tracing::info!("runs");
        std::future::pending::<()>().await;
    }
}

fn in_span(path: &str, instance: u64, lines: &[&str]) -> Vec<String> {
    let line = |line: &&str| format!("child{{path={path} instance={instance}}}: {line}");
    lines.iter().map(line).collect()
}

#[tokio::test(start_paused = true)]
async fn rule_42_every_line_of_a_task_says_which_instance_it_is_from() {
    let recorder = SpanRecorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let inner = Supervisor::new(Strategy::OneForOne, limit(1))
        .children([ChildSpec::new("a", logger).shutdown(Shutdown::BrutalKill)]);
    let running = supervisor(Strategy::OneForOne).name("app").child("inner", inner).start();
    settle().await;
    assert_eq!(recorder.take(), in_span("app/inner/a", 1, &["starts", "runs"]));

    running.handle().restart_child("inner/a").await.unwrap();
    settle().await;
    let mut expected = in_span("app/inner/a", 1, &["dropped"]);
    expected.extend(in_span("app/inner/a", 2, &["starts", "runs"]));
    assert_eq!(recorder.take(), expected);

    running.shutdown().await.unwrap();
    assert_eq!(recorder.take(), in_span("app/inner/a", 2, &["dropped"]));
    assert_eq!(recorder.open(), [""; 0], "a span ends with its instance");
    assert_eq!(recorder.created(), 2, "a nested supervisor has no span");
}

#[tokio::test(start_paused = true)]
async fn rule_42_children_without_context_and_those_of_a_dynamic_supervisor_have_spans() {
    let recorder = SpanRecorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let jobs = DynamicSupervisor::new();
    let plain = ChildSpec::without_context("plain", || async { tracing::info!("plain") });
    let running = supervisor(Strategy::OneForOne)
        .children([plain.restart(RestartPolicy::Transient)])
        .child("jobs", jobs.clone())
        .start();
    settle().await;
    assert_eq!(recorder.take(), in_span("root/plain", 1, &["plain"]));

    jobs.start_child(OnceChild::new("once", async |_| tracing::info!("once"))).await.unwrap();
    let task = jobs.spawn_task("task", async |_| tracing::info!("task")).await.unwrap();
    task.await.unwrap();
    settle().await;
    let lines = recorder.take();
    let is_in_span = |line: &String| line.starts_with("child{path=root/jobs/");
    assert!(lines.len() == 2 && lines.iter().all(is_in_span), "{lines:?}");
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn rule_42_a_thread_runs_in_its_span() {
    let recorder = SpanRecorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let dispatch = get_default(Clone::clone);
    let (done, ended) = mpsc::channel();
    let thread = move |_: BlockingContext| {
        // The subscriber of a test is that of one thread.
        dispatcher::with_default(&dispatch, || tracing::info!("runs"));
        done.send(()).unwrap();
    };
    let thread = ChildSpec::blocking("thread", thread).restart(RestartPolicy::Temporary);
    supervisor(Strategy::OneForOne).children([thread]).run().await.unwrap();
    ended.recv().unwrap();
    assert_eq!(recorder.take(), in_span("root/thread", 1, &["runs"]));
    assert_eq!(recorder.open(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn rule_42_a_span_has_no_parent_and_is_one() {
    let recorder = SpanRecorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let child = |_: ChildContext| async {
        tracing::info_span!("request").in_scope(|| tracing::info!("handles"));
        tracing::info_span!(parent: None, "request").in_scope(|| tracing::info!("handles"));
        std::future::pending::<()>().await;
    };
    // On a runtime of one thread, the span of whoever blocks on it is entered during every poll.
    let _owner = tracing::info_span!("owner").entered();
    let spec = || ChildSpec::new("a", child).shutdown(Shutdown::BrutalKill);
    let running = supervisor(Strategy::OneForOne).children([spec()]).start();
    settle().await;
    let lines = ["child{path=root/a instance=1}:request{}: handles", "request{}: handles"];
    assert_eq!(recorder.take(), lines);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_42_a_supervisor_may_be_without_spans() {
    let recorder = SpanRecorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let once = |name: &'static str| {
        ChildSpec::new(name, move |_| async move { tracing::info!("{name}") })
            .restart(RestartPolicy::Temporary)
    };
    let inherits = supervisor(Strategy::OneForOne).children([once("inherits")]);
    let with = supervisor(Strategy::OneForOne).child_spans(true).children([once("with")]);
    let tree = supervisor(Strategy::OneForOne)
        .child_spans(false)
        .children([once("without")])
        .child("inherits", inherits)
        .child("with", with);
    tree.start().wait().await.unwrap();
    let mut lines = recorder.take();
    lines.sort();
    let expected = in_span("root/with/with", 1, &["with"])
        .into_iter()
        .chain(["inherits", "without"].map(|name| format!("no span: {name}")));
    assert_eq!(lines, expected.collect::<Vec<_>>());

    let jobs = DynamicSupervisor::new().child_spans(false);
    let running = jobs.clone().start();
    jobs.start_child(once("job")).await.unwrap();
    settle().await;
    running.shutdown().await.unwrap();
    assert_eq!(recorder.take(), ["no span: job"]);

    let declared = block! {
        child_spans = false,

        #[child(restart = "temporary")]
        declared = async |_| tracing::info!("declared"),
    };
    declared.start().wait().await.unwrap();
    assert_eq!(recorder.take(), ["no span: declared"]);
}

#[tokio::test(start_paused = true)]
async fn rule_42_a_panic_in_a_span_is_the_exit_of_its_child() {
    quiet_panics();
    struct PanicsAtItsEnd;
    impl Drop for PanicsAtItsEnd {
        fn drop(&mut self) {
            tracing::info!("last words");
            panic!("in the destructor");
        }
    }
    let recorder = SpanRecorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let start = |_: ChildContext| -> std::future::Ready<()> { panic!("in the start function") };
    let future = async |_: ChildContext| panic!("in the future");
    let destructor = async |_: ChildContext| {
        let _held = PanicsAtItsEnd;
        std::future::pending::<()>().await;
    };
    let running = supervisor(Strategy::OneForOne)
        .children([
            ChildSpec::new("start", start).restart(RestartPolicy::Temporary),
            ChildSpec::new("future", future).restart(RestartPolicy::Temporary),
            ChildSpec::new("destructor", destructor).shutdown(Shutdown::BrutalKill),
        ])
        .start();
    settle().await;
    let handle = running.handle();
    handle.stop_child("destructor").await.unwrap();
    for (name, message) in [
        ("start", "panic: in the start function"),
        ("future", "panic: in the future"),
        ("destructor", "panic: in the destructor"),
    ] {
        let exit = handle.child(name).await.unwrap().last_exit.unwrap();
        assert_eq!(exit.to_string(), message);
    }
    assert_eq!(recorder.take(), in_span("root/destructor", 1, &["last words"]));
    assert_eq!(recorder.open(), [""; 0]);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn rule_42_a_subscriber_that_panics_harms_no_child() {
    quiet_panics();
    for call in [SpanCall::New, SpanCall::Enter, SpanCall::Exit, SpanCall::Close] {
        let recorder = SpanRecorder::panicking_at(call);
        let _recording = tracing::subscriber::set_default(recorder.clone());
        let ends = async |_: ChildContext| tokio::time::sleep(Duration::from_millis(1)).await;
        let thread = |_: BlockingContext| {};
        let report = supervisor(Strategy::OneForOne)
            .children([
                ChildSpec::new("ends", ends).restart(RestartPolicy::Transient),
                ChildSpec::blocking("thread", thread).restart(RestartPolicy::Transient),
            ])
            .run_with_report()
            .await;
        assert!(report.result().is_ok(), "{call:?}: {report}");
        assert_eq!(report.restarts, 0, "{call:?}");
    }
}

/// Tokio describes each task by a span of its own, which tokio-console reads.
#[cfg(tokio_unstable)]
#[tokio::test(start_paused = true)]
async fn rule_42_tokio_console_shows_tasks_by_their_paths() {
    let recorder = SpanRecorder::with_those_of_tokio();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let inner = supervisor(Strategy::OneForOne).children([ChildSpec::new("a", logger)]);
    let running = supervisor(Strategy::OneForOne).name("app").child("inner", inner).start();
    settle().await;
    let spans = recorder.open().join("\n");
    for path in ["app", "app/inner", "app/inner/a"] {
        assert!(spans.contains(&format!("task.name={path} ")), "{path} is not in {spans}");
    }
    running.kill().await.unwrap();
}
