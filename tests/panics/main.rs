//! The places of panics (rule 1). The hook belongs to the whole process, so these tests have a process of
//! their own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use sage_supervisor::{
    ChildContext, ChildPanic, ChildSpec, DynamicSupervisor, Exit, RestartPolicy, SageError,
    Strategy, TaskError, capture_panic_locations,
};
use sage_supervisor_tests::{Recorder, limit, quiet_panics, settle, supervisor};

fn prepare() {
    // This hook is installed first, and is called by the one that captures.
    quiet_panics();
    capture_panic_locations();
    capture_panic_locations();
}

/// Runs a temporary child, and returns the panic that it ends with.
async fn panic_of(child: ChildSpec) -> ChildPanic {
    prepare();
    let mut tree =
        supervisor(Strategy::OneForOne).children([child.restart(RestartPolicy::Temporary)]);
    let report = tree.run_with_report().await;
    match &report.failures.last[0].exit {
        Exit::Panic(panic) => panic.clone(),
        exit => panic!("{exit}"),
    }
}

/// Returns the line of a panic in this file.
fn line(panic: &ChildPanic) -> Option<u32> {
    let location = panic.location()?;
    assert!(location.file().ends_with("panics/main.rs"), "{location}");
    assert!(location.column() > 1);
    Some(location.line())
}

#[tokio::test(start_paused = true)]
async fn rule_1_a_panic_has_a_place_wherever_it_is_told() {
    prepare();
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let expected = line!() + 1;
    let child = ChildSpec::new("c", async |_| panic!("expected: {}", 7));
    let tree = sage_supervisor::Supervisor::new(Strategy::OneForOne, limit(0)).children([child]);
    let report = tree.start().wait_with_report().await;
    let Err(SageError::Supervisor(reached)) = report.result() else { panic!("{report}") };
    let Exit::Panic(panic) = &reached.exit else { panic!("{}", reached.exit) };
    assert_eq!(line(panic), Some(expected));
    assert_eq!(panic.to_string(), "expected: 7");

    let told = format!("panicked at {}: expected: 7", panic.location().unwrap());
    assert!(told.contains(&format!("panics/main.rs:{expected}:")), "{told}");
    assert_eq!(reached.exit.to_string(), told);
    assert!(report.to_string().contains(&told), "{report}");
    assert!(format!("{:#}", report.result().unwrap_err()).ends_with(&told));
    let traces = recorder.take();
    assert!(traces.iter().any(|trace| trace.contains(&format!("exit={told}"))), "{traces:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_1_threads_tasks_and_payloads_have_places_too() {
    let expected = line!() + 1;
    let thread = panic_of(ChildSpec::blocking("t", |_| panic!("expected: in a thread"))).await;
    assert_eq!(line(&thread), Some(expected));

    let expected = line!() + 1;
    let payload = panic_of(ChildSpec::new("c", async |_| panic_any(7_u8))).await;
    assert_eq!(line(&payload), Some(expected));

    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    running.started().await.unwrap();
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let expected = line!() + 1;
    let task = pool.spawn_task("t", async |_| panic!("expected: in a task")).await.unwrap();
    let result: Result<(), TaskError> = task.await;
    let error = result.unwrap_err();
    let TaskError::Panicked(panic) = &error else { panic!("{error}") };
    assert_eq!(line(panic), Some(expected));
    let place = panic.location().unwrap();
    assert_eq!(error.to_string(), format!("the task panicked at {place}: expected: in a task"));
    settle().await;
    // The exit of the child has the same place as the result of the task.
    let exit = format!("exit=panicked at {place}: expected: in a task");
    assert!(recorder.take().iter().any(|trace| trace.contains(&exit)));
    running.shutdown().await.unwrap();
}

/// A destructor that runs during a panic panics as well, and contains that.
struct PanicsQuietly;

impl Drop for PanicsQuietly {
    fn drop(&mut self) {
        assert!(catch_unwind(|| panic!("expected: in a destructor")).is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn rule_1_a_panic_never_has_the_place_of_another() {
    // The child has caught a panic, and resumes with another one.
    let child = ChildSpec::new("c", async |_| {
        assert!(catch_unwind(|| panic!("expected: first")).is_err());
        resume_unwind(Box::new("expected: second"));
    });
    assert_eq!(line(&panic_of(child).await), None);

    // A panic that is resumed is the same panic.
    let expected = line!() + 2;
    let child = ChildSpec::new("c", async |_| {
        let caught = catch_unwind(|| panic!("expected: {}", "resumed")).unwrap_err();
        resume_unwind(caught);
    });
    assert_eq!(line(&panic_of(child).await), Some(expected));

    // The panic of a destructor comes later, and is over when the first one is caught.
    let expected = line!() + 3;
    let child = ChildSpec::new("c", async |_| {
        let _quiet = PanicsQuietly;
        panic!("expected: in the body");
    });
    assert_eq!(line(&panic_of(child).await), Some(expected));

    // The next instance on the same thread resumes a panic with the message of the one before, which
    // the hook was not told of.
    let instance = AtomicUsize::new(0);
    let child = ChildSpec::new("c", move |_: ChildContext| {
        let is_first = instance.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if is_first {
                let caught = catch_unwind(AssertUnwindSafe(|| panic!("expected: twice")));
                assert!(caught.is_err());
                return;
            }
            resume_unwind(Box::new("expected: twice"));
        }
    });
    let mut tree =
        sage_supervisor::Supervisor::new(Strategy::OneForOne, limit(1)).children([child]);
    let SageError::Supervisor(reached) = tree.run().await.unwrap_err() else { panic!("a limit") };
    let Exit::Panic(panic) = &reached.exit else { panic!("{}", reached.exit) };
    assert_eq!((panic.message(), line(panic)), ("expected: twice", None));
}
