//! Nothing is left of the processes of a supervisor that is dropped.

use std::time::Duration;

use sage_supervisor::{RunningSupervisor, Strategy};
use sage_supervisor_tests::{quiet_panics, supervisor};
use tokio::runtime::Runtime;

use super::{Folder, eventually, is_our_zombie, is_running};

/// No test of this file awaits a future after the drop, so the destructors alone have to clean up.
fn nothing_is_left_after(end: impl Fn(Runtime, RunningSupervisor)) {
    after(end, is_reaped_with_its_group);
}

fn after(end: impl Fn(Runtime, RunningSupervisor), look: impl Fn(&[u32])) {
    const SCRIPT: &str = "trap '' TERM; sleep 600 & echo $! > up; echo $$ >> up; wait; sleep 600";
    quiet_panics();
    for is_threaded in [false, true] {
        let folder = Folder::new();
        let runtime = match is_threaded {
            false => tokio::runtime::Builder::new_current_thread().enable_all().build(),
            true => tokio::runtime::Builder::new_multi_thread().enable_all().build(),
        };
        let runtime = runtime.unwrap();
        let inner = supervisor(Strategy::OneForOne).children([folder.child(SCRIPT)]);
        let running = runtime
            .block_on(async { supervisor(Strategy::OneForOne).child("inner", inner).start() });
        let pids = runtime.block_on(async {
            let pids = || std::fs::read_to_string(folder.0.join("up")).unwrap_or_default();
            while pids().lines().count() < 2 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            folder.pids("up", 2)
        });
        assert!(pids.iter().all(|&pid| is_running(pid)));
        end(runtime, running);
        look(&pids);
    }
}

fn is_reaped_with_its_group(pids: &[u32]) {
    assert!(!is_running(pids[1]) && !is_our_zombie(pids[1]), "it has been reaped");
    assert!(!is_running(pids[0]), "its group is gone");
}

#[test]
fn rule_26_the_runtime_is_dropped_and_no_process_is_left() {
    nothing_is_left_after(|runtime, _running| drop(runtime));
    nothing_is_left_after(|runtime, running| {
        drop(running);
        drop(runtime);
    });
}

#[test]
fn rule_26_the_owner_is_dropped_and_no_process_is_left() {
    nothing_is_left_after(|runtime, running| {
        let handle = running.handle();
        drop(running);
        runtime.block_on(handle.wait()).unwrap();
    });
}

/// A runtime that is shut down in the background may drop its tasks after the call has returned.
#[test]
fn rule_26_the_runtime_is_shut_down_in_the_background_and_no_process_is_left() {
    let look = |pids: &[u32]| {
        eventually(|| (!pids.iter().any(|&pid| is_running(pid))).then_some(()));
        eventually(|| (!is_our_zombie(pids[1])).then_some(()));
    };
    after(|runtime, _running| runtime.shutdown_background(), look);
    after(|runtime, _running| runtime.shutdown_timeout(Duration::ZERO), look);
}

#[test]
fn rule_26_all_is_dropped_in_a_panic_and_no_process_is_left() {
    nothing_is_left_after(|runtime, running| {
        let main = std::panic::AssertUnwindSafe(move || {
            let runtime = runtime;
            runtime.block_on(async {
                let _running = running;
                tokio::task::yield_now().await;
                panic!("expected: the end of the program");
            });
        });
        std::panic::catch_unwind(main).unwrap_err();
    });
}
