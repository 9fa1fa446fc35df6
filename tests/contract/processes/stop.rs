//! The stop of processes, and the processes that they leave behind.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sage_supervisor::{ChildSpec, EventKind, Exit, KillReason, RestartPolicy, Shutdown, Strategy};
use sage_supervisor_tests::{supervisor, unclean};

use super::{
    FAR, Folder, eventually, exit_of, exit_of_stopped, is_our_zombie, is_running, left_of, sh,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_22_a_process_that_ignores_the_request_is_killed_with_its_group() {
    const DEAF: &str = "trap '' TERM; sleep 600 & echo $! > up; echo $$ >> up; wait; sleep 600";
    for shutdown in [Shutdown::Timeout(Duration::from_millis(100)), Shutdown::BrutalKill] {
        let folder = Folder::new();
        let spec = folder.child(DEAF).shutdown(shutdown);
        let running = supervisor(Strategy::OneForOne).kill_grace(FAR).children([spec]).start();
        let mut events = running.handle().tree_events();
        let pids = tokio::task::block_in_place(|| folder.pids("up", 2));
        let result = running.shutdown().await;
        assert_eq!(result.is_ok(), shutdown == Shutdown::BrutalKill, "{result:?}");
        assert!(!is_our_zombie(pids[1]) && !is_running(pids[1]), "told when it has been reaped");
        assert!(!is_running(pids[0]), "told when its group is gone");
        let (mut killed, mut exits) = (vec![], vec![]);
        while let Some(event) = events.recv().await {
            match event.unwrap().kind {
                EventKind::Killed { reason, .. } => killed.push(reason),
                EventKind::Exited { exit, asked: true, .. } => exits.push(exit.to_string()),
                _ => {}
            }
        }
        let reason = match shutdown {
            Shutdown::BrutalKill => KillReason::BrutalKill,
            _ => KillReason::ShutdownTimeout,
        };
        assert_eq!((&*killed, &*exits), (&[reason][..], &["killed".to_owned()][..]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_22_the_request_goes_to_the_whole_group() {
    // The shell does not handle the signal until its own child has ended by it.
    let folder = Folder::new();
    let spec =
        folder.child("trap 'echo 1 >> asked' TERM; sh -c 'echo $$ > up; exec sleep 600'; exit $?");
    let exit = exit_of_stopped(&folder, spec).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
    let [sleep] = folder.pids("up", 1)[..] else { panic!() };
    assert!(!is_running(sleep));
    assert_eq!(folder.pids("asked", 1), [1], "told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_process_that_is_suspended_hears_the_request_too() {
    let folder = Folder::new();
    let spec = folder.child("echo $$ > up; kill -STOP $$; sleep 600");
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    let pid = tokio::task::block_in_place(|| folder.pids("up", 1))[0];
    eventually(|| left_of(pid).filter(|(state, _)| "T?".contains(*state)));
    running.shutdown().await.unwrap();
    assert!(!is_running(pid));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_a_process_leaves_in_its_group_is_killed() {
    for end in ["exit 0", "exit 1", "kill -KILL $$"] {
        let folder = Folder::new();
        let dir = folder.0.clone();
        let spec = ChildSpec::command("child", move || {
            // The background process ignores the signals, and holds the output of its parent.
            let mut command = sh(&format!(
                "sh -c \"trap '' TERM HUP; echo \\$\\$ > up; sleep 600; sleep 600\" & \
                 while [ ! -s up ]; do sleep 0.01; done; {end}"
            ));
            command.current_dir(&dir);
            command
        });
        exit_of(spec).await;
        let [left] = folder.pids("up", 1)[..] else { panic!() };
        assert!(!is_running(left), "gone before the exit was told");
    }
}

/// The leader ends at once when it is asked to stop, the other process of its group takes its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_22_the_whole_group_has_the_shutdown_time() {
    let folder = Folder::new();
    let spec = folder.child(
        "sh -c 'trap \"sleep 0.2 && echo 1 > flushed; exit\" TERM; echo $$ > up; \
         while :; do sleep 0.01; done' & wait",
    );
    let exit = exit_of_stopped(&folder, spec).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
    assert!(folder.0.join("flushed").exists(), "it was not killed with its leader");
    assert!(!is_running(folder.pids("up", 1)[0]));
}

/// A handler takes the signal, and then the process runs a program that does not have the handler.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_22_a_process_that_missed_the_request_is_asked_again() {
    // Only a process that has begun within a second before the request can have missed it, so it may
    // need several attempts on a machine that is busy.
    for attempt in 1.. {
        let folder = Folder::new();
        let spec = folder.child(
            "sh -c 'trap \"echo 1 > taken\" TERM; echo $$ > up; \
             while [ ! -e taken ]; do sleep 0.01; done; trap - TERM; exec sleep 600' & wait",
        );
        let exit = exit_of_stopped(&folder, spec.shutdown(Duration::from_secs(3))).await;
        assert!(!is_running(folder.pids("up", 1)[0]));
        match exit {
            Exit::Shutdown => return,
            Exit::Killed if attempt < 50 => {}
            exit => panic!("{exit}"),
        }
    }
}

/// A process that has followed the request for a while does without its handler, as many do so that a
/// second request ends them at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_22_a_process_that_follows_the_request_is_not_asked_again() {
    let folder = Folder::new();
    let spec = folder.child(
        "sh -c 'trap \"trap - TERM; sleep 0.3 && echo 1 > flushed; exit\" TERM; sleep 1.2; \
         echo $$ > up; while :; do sleep 0.01; done' & wait",
    );
    let exit = exit_of_stopped(&folder, spec).await;
    assert!(matches!(exit, Exit::Shutdown), "{exit}");
    assert!(folder.0.join("flushed").exists(), "it had the shutdown time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rule_22_a_group_is_killed_when_its_time_is_over_though_its_leader_has_ended() {
    let folder = Folder::new();
    let spec = folder.child(
        "sh -c 'trap \"\" TERM; echo $$ > up; while :; do sleep 0.01; done' & \
         while [ ! -s up ]; do sleep 0.01; done; echo $$ >> up; wait",
    );
    let spec = spec.shutdown(Duration::from_millis(200));
    let running = supervisor(Strategy::OneForOne).kill_grace(FAR).children([spec]).start();
    let mut events = running.handle().tree_events();
    let pids = tokio::task::block_in_place(|| folder.pids("up", 2));
    assert_eq!(unclean(running.shutdown().await), "root/child: killed, its shutdown timed out");
    assert!(pids.iter().all(|&pid| !is_running(pid)));
    let mut exits = vec![];
    while let Some(event) = events.recv().await {
        if let EventKind::Exited { exit, asked: true, .. } = event.unwrap().kind {
            exits.push(exit.to_string());
        }
    }
    assert_eq!(exits, ["killed"]);
}

/// Every process leaves another one behind in its group. The next start looks for it.
#[tokio::test]
async fn rule_14_a_process_is_over_when_its_group_is() {
    const STARTS: usize = 40;
    let folder = Folder::new();
    let (dir, found) = (folder.0.clone(), Arc::new(Mutex::new(vec![])));
    let find = Arc::clone(&found);
    let spec = ChildSpec::command("child", move || {
        let left = std::fs::read_to_string(dir.join("left")).unwrap_or_default();
        let _ = std::fs::remove_file(dir.join("left"));
        let mut found = find.lock().unwrap();
        found.push(left.trim().parse().is_ok_and(is_running));
        let end = u8::from(found.len() < STARTS);
        let mut command = sh(&format!(
            "sh -c 'trap \"\" TERM HUP; echo $$ > left; exec sleep 600' & \
             while [ ! -s left ]; do sleep 0.001; done; exit {end}"
        ));
        command.current_dir(&dir);
        command
    });
    let mut tree = supervisor(Strategy::OneForOne)
        .unlimited_restarts()
        .children([spec.restart(RestartPolicy::Transient)]);
    tree.run().await.unwrap();
    assert_eq!(*found.lock().unwrap(), [false; STARTS]);
}

#[tokio::test]
async fn rule_14_a_storm_of_processes_leaves_no_zombie_and_never_two() {
    const STARTS: usize = 100;
    let folder = Folder::new();
    // A process that finds another one alive writes a file.
    let spec = folder.child(
        "mkdir alive || echo 1 >> two; echo $$ >> up; rmdir alive; \
         [ $(wc -l < up) -ge 100 ] || exit 1",
    );
    let mut tree = supervisor(Strategy::OneForOne)
        .unlimited_restarts()
        .children([spec.restart(RestartPolicy::Transient)]);
    tree.run().await.unwrap();
    let pids = folder.pids("up", STARTS);
    assert_eq!(pids.len(), STARTS);
    assert!(!folder.0.join("two").exists());
    assert!(!pids.iter().any(|&pid| is_our_zombie(pid)));
}
