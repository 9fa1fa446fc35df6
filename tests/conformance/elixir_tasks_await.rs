//! The cases of Elixir's suite of `Task.Supervisor` about the end of a task as its caller sees it. The
//! table is in [`elixir_tasks`](super::elixir_tasks).

use sage_supervisor::{
    ChildContext, ChildState, DynamicSupervisor, RunningSupervisor, Task, TaskError,
};
use sage_supervisor_tests::{limit, no_task_is_left, quiet_panics, settle};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::{SECOND, state, up_dynamic};

/// A caller that stops waiting does not stop the task, and may wait again (Elixir's may not).
#[tokio::test(start_paused = true)]
async fn await_demonitors_and_unalias_on_timeout() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    let (go, gone) = oneshot::channel();
    let mut task = tasks.spawn_task("task", async |_| gone.await.unwrap()).await.unwrap();
    for _ in 0..2 {
        assert!(timeout(SECOND, &mut task).await.is_err());
        assert_eq!(state(&handle, "task-1").await, ChildState::Running);
    }
    go.send("done").unwrap();
    assert_eq!(task.await.unwrap(), "done");
    running.shutdown().await.unwrap();
}

/// A supervisor that allows no restart, with a task that waits for an order to end.
struct Beside {
    tasks: DynamicSupervisor,
    running: RunningSupervisor,
    other: Task<&'static str>,
    end: oneshot::Sender<&'static str>,
}

impl Beside {
    async fn up() -> Self {
        quiet_panics();
        let tasks = DynamicSupervisor::new().restart_limit(limit(0));
        let (running, _) = up_dynamic(&tasks).await;
        let (end, ended) = oneshot::channel();
        let other = tasks.spawn_task("other", async |_| ended.await.unwrap()).await.unwrap();
        Self { tasks, running, other, end }
    }

    /// The end of one task affects neither the other task nor the supervisor.
    async fn stays_untouched(self) {
        settle().await;
        let counts = self.tasks.counts().await.unwrap();
        assert_eq!((counts.specs, counts.running), (1, 1));
        self.end.send("untouched").unwrap();
        assert_eq!(self.other.await.unwrap(), "untouched");
        self.running.shutdown().await.unwrap();
    }
}

/// A panic is a value to the caller, with its message, whether it comes in the start of the task or
/// later.
#[tokio::test(start_paused = true)]
async fn await_exits_on_task_throw() {
    let beside = Beside::up().await;
    let in_start = |_: ChildContext| -> std::future::Ready<()> { panic!("expected: at once") };
    let in_start = beside.tasks.spawn_task("task", in_start).await.unwrap();
    let later = beside.tasks.spawn_task("task", async |_| {
        sleep(SECOND).await;
        panic!("expected: later")
    });
    let later: Task<()> = later.await.unwrap();
    for (task, message) in [(in_start, "expected: at once"), (later, "expected: later")] {
        let TaskError::Panicked(panic) = task.await.unwrap_err() else { panic!("it panicked") };
        assert_eq!(panic.to_string(), message);
    }
    beside.stays_untouched().await;
}

/// An error that a task returns is its result, of its own type.
#[tokio::test(start_paused = true)]
async fn await_exits_on_task_error() {
    let beside = Beside::up().await;
    let task = beside.tasks.spawn_task("task", async |_| Err::<(), _>("oops")).await.unwrap();
    assert_eq!(task.await.unwrap(), Err("oops"));
    beside.stays_untouched().await;
}

/// A task that is aborted is reported as aborted: after a stop by hand that has timed out, and when
/// its supervisor is killed or dropped.
#[tokio::test(start_paused = true)]
async fn await_exits_on_task_exit() {
    let beside = Beside::up().await;
    let forever = async |_| std::future::pending::<()>().await;
    let task = beside.tasks.spawn_task("task", forever).await.unwrap();
    beside.tasks.stop_child(task.name()).await.unwrap();
    assert!(matches!(task.await, Err(TaskError::Aborted)));
    beside.stays_untouched().await;

    for dropped in [false, true] {
        let Beside { tasks, running, other, end } = Beside::up().await;
        let forever = async |_| std::future::pending::<()>().await;
        let task = tasks.spawn_task("task", forever).await.unwrap();
        if dropped {
            drop(running);
        } else {
            running.kill().await.unwrap();
        }
        assert!(matches!(task.await, Err(TaskError::Aborted)));
        assert!(matches!(other.await, Err(TaskError::Aborted)));
        drop(end);
        no_task_is_left().await;
    }
}
