//! The cases of Elixir's suite of `Task.Supervisor`, under their own names.
//!
//! Our tasks are those of `async_nolink`: the end of a task is a value to its caller, and affects no
//! other task.
//!
//! Of 44 cases 31 are here.
//!
//! | case | test, or why there is none |
//! |---|---|
//! | can be supervised directly | here |
//! | start with spawn_opt | none: options of BEAM processes |
//! | multiple supervisors can be supervised .. | here: with dynamic supervisors, in `elixir_dynamic` |
//! | counts and returns children | here |
//! | `async/1` (3 of 4), `async/3` | none: nothing is linked; see `async_nolink` |
//! | with $callers (3) | none: there are no lists of callers |
//! | spawns a task under the supervisor without linking to the caller | here |
//! | with custom shutdown | here: a task has the default; a child that is started once has any |
//! | raises when :max_children is reached | here: an error |
//! | `async_nolink/3`, `start_child/3` (2) | none: a function is given as such |
//! | `start_child/1` | here |
//! | `start_child/1` with custom shutdown | here |
//! | `start_child/1` with custom restart | here |
//! | `terminate_child/2` | here |
//! | demonitors and unalias on timeout | in `elixir_tasks_await` |
//! | exits on task throw | in `elixir_tasks_await`: a panic is a value |
//! | exits on task error | in `elixir_tasks_await`: so is an error |
//! | exits on task exit | in `elixir_tasks_await`: so is an abort |
//! | streams an enumerable with fun, without leaking tasks, with slowest first, with exits (8) | in `elixir_tasks_stream` |
//! | streams an enumerable with mfa (2) | none: a function is given as such |
//! | shuts down unused tasks, without leaking messages (4) | in `elixir_tasks_stream`, as one |
//! | raises an error if :max_children is reached with clean stream shutdown (2) | in `elixir_tasks_stream`: the stream waits for room |
//! | consuming from another process | in `elixir_tasks_stream` |
//! | with timeout and :zip_input_on_exit set to true | in `elixir_tasks_stream` |
//! | with outer halt on failure and :zip_input_on_exit | in `elixir_tasks_stream` |
//! | does not allow streaming with invalid :shutdown | none: it does not compile |

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildState, CommandError, DynamicSupervisor, OnceChild, RestartPolicy, Shutdown,
    Strategy, TaskError,
};
use sage_supervisor_tests::{
    Log, Puppet, Recorder, limit, no_task_is_left, settle, supervisor, unclean,
};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, timeout};

use crate::{SECOND, counts, names, state, up, up_dynamic};

/// The result of a task can also be awaited after the task and its supervisor have ended.
#[tokio::test(start_paused = true)]
async fn can_be_supervised_directly() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up(supervisor(Strategy::OneForOne).child("tasks", tasks.clone())).await;
    let path = tasks.spawn_task("where", async |ctx: ChildContext| ctx.path()).await.unwrap();
    settle().await;
    assert_eq!(handle.counts_below("tasks").await.unwrap().specs, 0);
    running.shutdown().await.unwrap();
    assert_eq!(path.await.unwrap(), "root/tasks/where-1");
}

#[tokio::test(start_paused = true)]
async fn counts_and_returns_children() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    assert_eq!((counts(&handle).await, names(&handle).await), ([0; 5], String::new()));
    let end = Arc::new(Notify::new());
    let mut results = vec![];
    for number in 0..3 {
        let end = Arc::clone(&end);
        let task = tasks.spawn_task("task", async move |_| {
            end.notified().await;
            number
        });
        results.push(task.await.unwrap());
    }
    settle().await;
    assert_eq!(names(&handle).await, "task-1 task-2 task-3");
    assert_eq!(counts(&handle).await, [3, 3, 0, 0, 3]);
    end.notify_waiters();
    for (number, result) in results.into_iter().enumerate() {
        assert_eq!(result.await.unwrap(), number);
    }
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

/// A task belongs to the supervisor and not to its caller. The task is a temporary child, and goes
/// on when the caller or its handle is gone.
#[tokio::test(start_paused = true)]
async fn async_nolink_spawns_a_task_under_the_supervisor_without_linking_to_the_caller() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    let (end, ended) = oneshot::channel();
    let (tell, mut told) = oneshot::channel();
    let caller = tokio::spawn({
        let tasks = tasks.clone();
        async move {
            let task = tasks.spawn_task("task", async move |_| {
                let _ = ended.await;
                tell.send("done").unwrap();
            });
            task.await.unwrap().await
        }
    });
    settle().await;
    assert_eq!(tasks.child("task-1").await.unwrap().restart, RestartPolicy::Temporary);
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    settle().await;
    assert_eq!(state(&handle, "task-1").await, ChildState::Running);
    assert!(told.try_recv().is_err());
    end.send(()).unwrap();
    assert_eq!(told.await.unwrap(), "done");
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

/// A task has 5 s to stop. Another timeout needs a child that is started only once, with a channel
/// for its result; the receiver is notified of the end of the child.
#[tokio::test(start_paused = true)]
async fn async_nolink_with_custom_shutdown() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    let (tell, told) = oneshot::channel::<()>();
    let killed = OnceChild::new("killed", async |_: ChildContext| {
        let _tell = tell;
        std::future::pending::<()>().await;
    });
    tasks.start_child(killed.shutdown(Shutdown::BrutalKill)).await.unwrap();
    let stuck = tasks.spawn_task("stuck", async |_| std::future::pending::<()>().await);
    let stuck = stuck.await.unwrap();
    let polite = async |ctx: ChildContext| {
        ctx.cancelled().await;
        sleep(SECOND * 4).await;
        "saved"
    };
    let polite = tasks.spawn_task("polite", polite).await.unwrap();
    settle().await;
    let asked = Instant::now();
    let stopping = tokio::spawn(running.shutdown());
    assert!(told.await.is_err());
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert_eq!(polite.await.unwrap(), "saved");
    assert_eq!(asked.elapsed().as_millis() / 10, 400);
    assert!(matches!(stuck.await, Err(TaskError::Aborted)));
    assert_eq!(asked.elapsed().as_millis() / 10, 500);
    let late = "root/stuck-2: killed, its shutdown timed out";
    assert_eq!(unclean(stopping.await.unwrap()), late);
    assert!(handle.has_ended());
    no_task_is_left().await;
}

/// A task too many is an error to its caller, and affects no other task.
#[tokio::test(start_paused = true)]
async fn async_nolink_raises_when_max_children_is_reached() {
    let tasks = DynamicSupervisor::new().max_children(1);
    let (running, handle) = up_dynamic(&tasks).await;
    let (end, ended) = oneshot::channel();
    let first = tasks.spawn_task("first", async |_| ended.await.unwrap()).await.unwrap();
    let second = tasks.spawn_task("second", async |_| panic!("it is not started")).await;
    assert!(matches!(second, Err(CommandError::MaxChildren { .. })), "{second:?}");
    assert_eq!(names(&handle).await, "first-1");
    end.send(7).unwrap();
    assert_eq!(first.await.unwrap(), 7);
    settle().await;
    assert_eq!(tasks.spawn_task("third", async |_| 8).await.unwrap().await.unwrap(), 8);
    running.shutdown().await.unwrap();
}

/// The result of the child is awaited by nobody.
#[tokio::test(start_paused = true)]
async fn start_child() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    let (end, ended) = oneshot::channel::<()>();
    let (tell, told) = oneshot::channel();
    let job = OnceChild::new("job", async move |_: ChildContext| {
        ended.await.unwrap();
        tell.send("done").unwrap();
    });
    assert_eq!(tasks.start_child(job).await.unwrap(), "job-1");
    assert_eq!(counts(&handle).await, [1, 1, 0, 0, 1]);
    end.send(()).unwrap();
    assert_eq!(told.await.unwrap(), "done");
    settle().await;
    assert_eq!(counts(&handle).await, [0; 5]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn start_child_with_custom_shutdown() {
    let recorder = Recorder::default();
    let _recording = tracing::subscriber::set_default(recorder.clone());
    let tasks = DynamicSupervisor::new();
    let (running, _) = up_dynamic(&tasks).await;
    for (name, shutdown) in
        [("killed", Shutdown::BrutalKill), ("slow", SECOND.into()), ("slower", (SECOND * 2).into())]
    {
        let job = OnceChild::new(name, async |_: ChildContext| std::future::pending::<()>().await);
        tasks.start_named(name, job.shutdown(shutdown)).await.unwrap();
    }
    settle().await;
    let asked = Instant::now();
    let late =
        ["slow", "slower"].map(|name| format!("root/{name}: killed, its shutdown timed out"));
    assert_eq!(unclean(running.shutdown().await), late.join("; "));
    assert_eq!(asked.elapsed().as_millis() / 10, 200);
    assert_eq!(recorder.exits(), ["killed: killed", "slow: killed", "slower: killed"]);
}

/// The other tasks are not touched by a task that is started again and again, until the limit is
/// reached.
#[tokio::test(start_paused = true)]
async fn start_child_with_custom_restart() {
    let log = Log::default();
    let tasks = DynamicSupervisor::new().restart_limit(limit(2));
    let (running, handle) = up_dynamic(&tasks).await;
    let [permanent, transient] = ["permanent", "transient"].map(|name| Puppet::new(name, &log));
    tasks.start_child(permanent.spec()).await.unwrap();
    tasks.start_child(transient.spec().restart(RestartPolicy::Transient)).await.unwrap();
    let never = tasks.spawn_task("never", async |_| std::future::pending::<()>().await);
    let never = never.await.unwrap();
    permanent.finish();
    transient.fail("now");
    settle().await;
    transient.finish();
    settle().await;
    assert_eq!((permanent.starts(), transient.starts()), (2, 2));
    assert_eq!(names(&handle).await, "permanent-1 never-3");
    permanent.finish();
    timeout(SECOND * 1_000, running.wait()).await.unwrap().unwrap_err();
    assert!(matches!(never.await, Err(TaskError::Aborted)));
}

/// A task that is stopped by hand ends in its own way or is aborted, and its caller gets the
/// outcome.
#[tokio::test(start_paused = true)]
async fn terminate_child() {
    let tasks = DynamicSupervisor::new();
    let (running, handle) = up_dynamic(&tasks).await;
    let polite = async |ctx: ChildContext| {
        ctx.cancelled().await;
        "stopped"
    };
    let polite = tasks.spawn_task("polite", polite).await.unwrap();
    let stuck = tasks.spawn_task("stuck", async |_| std::future::pending::<()>().await);
    let stuck = stuck.await.unwrap();
    settle().await;
    assert_eq!((polite.name(), stuck.name()), ("polite-1", "stuck-2"));
    for (name, left) in [("polite-1", "stuck-2"), ("stuck-2", "")] {
        tasks.stop_child(name).await.unwrap();
        assert_eq!(names(&handle).await, left);
        let again = tasks.stop_child(name).await;
        assert!(matches!(again, Err(CommandError::NotFound { .. })), "{again:?}");
    }
    assert_eq!(polite.await.unwrap(), "stopped");
    assert!(matches!(stuck.await, Err(TaskError::Aborted)));
    running.shutdown().await.unwrap();
}
