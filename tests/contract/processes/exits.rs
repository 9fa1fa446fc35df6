//! The exits of processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sage_supervisor::{
    ChildSpec, ChildState, Exit, NodeKind, ProcessExit, ProcessStatusLost, RestartPolicy,
    SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{limit, quiet_panics, supervisor};
use tokio::process::Command;

use super::{FAR, Folder, child, exit_of, exit_of_stopped, last_exit, sh};

#[tokio::test]
async fn rule_1_a_process_ends_with_a_code_or_by_a_signal() {
    assert!(matches!(exit_of(child("exit 0")).await, Exit::Normal));

    let code = exit_of(child("exit 3")).await;
    let exit = code.process().unwrap();
    assert_eq!((exit.code(), exit.signal()), (Some(3), None));
    assert!(code.cause().unwrap().is::<ProcessExit>());
    assert_eq!(code.to_string(), "error: exit status: 3");

    for (script, number) in [("kill -KILL $$", 9), ("kill -TERM $$", 15)] {
        let signal = exit_of(child(script)).await;
        let exit = signal.process().unwrap();
        assert_eq!((exit.code(), exit.signal()), (None, Some(number)), "nobody asked it to");
        assert!(matches!(signal, Exit::Error(_)));
    }
    assert!(matches!(exit_of(child("exit 143")).await, Exit::Error(_)), "nobody asked it to");
}

#[tokio::test]
async fn rule_1_a_process_that_cannot_be_spawned_is_an_error() {
    let missing = ChildSpec::command("child", || Command::new("/nowhere/there is no such program"));
    let exit = exit_of(missing).await;
    let error = exit.cause().unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(exit.process().is_none());

    quiet_panics();
    let panics = ChildSpec::command("child", || -> Command { panic!("expected: no command") });
    assert!(matches!(exit_of(panics).await, Exit::Panic(_)));
}

/// The test itself waits for the process, while it keeps the supervisor on the same thread from doing
/// so.
#[tokio::test]
async fn rule_1_an_exit_status_that_somebody_else_took_is_lost() {
    for code in [0, 3] {
        let folder = Folder::new();
        let dir = folder.0.clone();
        let spec = ChildSpec::command("child", move || {
            let mut command = sh(&format!("while [ ! -e go ]; do sleep 0.01; done; exit {code}"));
            command.current_dir(&dir);
            command
        });
        let tree = supervisor(Strategy::OneForOne).keep_alive(true);
        let running = tree.children([spec.restart(RestartPolicy::Temporary)]).start();
        let handle = running.handle();
        let pid = loop {
            if let Some(pid) = handle.tree().await.unwrap().root.children[0].pid {
                break pid;
            }
            tokio::task::yield_now().await;
        };
        std::fs::write(folder.0.join("go"), "").unwrap();
        let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap());
        rustix::process::waitpid(pid, rustix::process::WaitOptions::empty()).unwrap().unwrap();
        let exit = last_exit(&handle).await;
        assert!(exit.cause().unwrap().is::<ProcessStatusLost>(), "{exit}");
        assert!(exit.is_failure() && exit.process().is_none());
        running.shutdown().await.unwrap();
    }
}

/// The test is started again by a shell that ignores SIGCHLD, which a new program inherits.
#[test]
fn rule_1_an_exit_is_told_though_sigchld_was_ignored_at_first() {
    const NAME: &str =
        "processes::exits::rule_1_an_exit_is_told_though_sigchld_was_ignored_at_first";
    const MARK: &str = "SAGE_TEST_SIGCHLD_IS_IGNORED";
    if std::env::var_os(MARK).is_none() {
        let again = std::process::Command::new("sh")
            .args(["-c", "trap '' CHLD; exec \"$0\" --exact \"$1\" --test-threads=1 --nocapture"])
            .arg(std::env::current_exe().unwrap())
            .arg(NAME)
            .env(MARK, "")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && told.contains("1 passed"), "{again:?}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let [failed, ended] =
        ["exit 3", "exit 0"].map(|script| runtime.block_on(exit_of(child(script))));
    assert_eq!(failed.process().and_then(ProcessExit::code), Some(3), "{failed}");
    assert!(matches!(ended, Exit::Normal), "{ended}");
}

#[tokio::test]
async fn rule_3_a_command_that_fails_is_made_and_run_again() {
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let child = ChildSpec::command("child", move || {
        let start = count.fetch_add(1, Ordering::SeqCst) + 1;
        sh(&format!("exit $((3 - {start}))"))
    });
    let mut tree =
        supervisor(Strategy::OneForOne).children([child.restart(RestartPolicy::Transient)]);
    tree.run().await.unwrap();
    assert_eq!(made.load(Ordering::SeqCst), 3, "ended with 2, 1, and 0");

    let mut tree = Supervisor::new(Strategy::OneForOne, limit(1)).children([self::child("exit 7")]);
    let SageError::Supervisor(reached) = tree.run().await.unwrap_err() else { panic!() };
    assert_eq!(reached.exit.process().and_then(ProcessExit::code), Some(7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_2_a_process_that_ends_as_it_was_told_has_shut_down() {
    for script in [
        "echo $$ > up; exec sleep 600",
        "trap 'exit 0' TERM; sleep 600 & echo $$ > up; wait",
        "trap 'exit 143' TERM; sleep 600 & echo $$ > up; wait",
    ] {
        let folder = Folder::new();
        let exit = exit_of_stopped(&folder, folder.child(script)).await;
        assert!(matches!(exit, Exit::Shutdown), "{script}: {exit}");
    }
    let folder = Folder::new();
    let fails = folder.child("trap 'exit 5' TERM; sleep 600 & echo $$ > up; wait");
    let exit = exit_of_stopped(&folder, fails).await;
    assert_eq!(exit.process().and_then(ProcessExit::code), Some(5), "that is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_33_a_snapshot_tells_the_number_of_a_process() {
    let folder = Folder::new();
    let spec = folder.child("echo $$ > up; exec sleep 600");
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    let handle = running.handle();
    let pid = tokio::task::block_in_place(|| folder.pids("up", 1))[0];
    let tree = handle.tree().await.unwrap();
    let node = &tree.root.children[0];
    assert_eq!((node.kind, node.pid), (NodeKind::Process, Some(pid)));
    assert!(tree.to_string().ends_with(&format!("  process {pid}")), "{tree}");
    assert!(tree.to_dot().contains(&format!("child\\nprocess {pid}\\nrunning")));
    handle.stop_child("child").await.unwrap();
    let tree = handle.tree().await.unwrap();
    assert_eq!((tree.root.children[0].kind, tree.root.children[0].pid), (NodeKind::Process, None));
    assert_eq!(tree.root.children[0].state, ChildState::Stopped);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn rule_4_a_process_needs_a_way_to_say_that_it_is_ready() {
    let mut tree = supervisor(Strategy::OneForOne).children([child("exit 0").ready_within(FAR)]);
    let error = tree.run().await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("child `child` cannot report readiness, so it must not have `ready_within`"),
        "{error}"
    );
}

/// A process cannot be awaited without tokio's driver for it. Such a process is not started at all,
/// because nothing would ever reap it.
#[test]
fn rule_14_what_cannot_be_waited_for_is_not_begun() {
    quiet_panics();
    let folder = Folder::new();
    let trace = folder.0.join("trace");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let child = folder.child("echo begun >> trace");
    let error = runtime.block_on(async {
        Supervisor::new(Strategy::OneForOne, limit(3))
            .children([child])
            .start()
            .wait()
            .await
            .unwrap_err()
    });
    assert!(error.to_string().contains("panic"), "{error}");
    // With three restarts, four processes would have begun, and at least one would have written the
    // file by now.
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(!trace.exists(), "nothing has run");
}

#[tokio::test]
async fn rule_35_a_process_is_given_up_by_its_exit_code() {
    let child = ChildSpec::command("child", || {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 78"]);
        command
    })
    .give_up_if(|exit: &ProcessExit| exit.code() == Some(78));
    let report = supervisor(Strategy::OneForOne).children([child]).run_with_report().await;
    assert_eq!(report.restarts, 0);
    assert!(matches!(report.into_result().unwrap_err(), SageError::Final(_)));
}
