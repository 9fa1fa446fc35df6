//! The cases of the test suite of Erlang/OTP's supervisor, under their own names.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod restart;
mod sup_start;
mod sup_start_map;
mod sup_stop;
mod termination_types;

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, Counts, RestartPolicy, RunningSupervisor, Supervisor,
    SupervisorHandle,
};
use sage_supervisor_tests::settle;

const SECOND: Duration = Duration::from_secs(1);

const POLICIES: [RestartPolicy; 3] =
    [RestartPolicy::Permanent, RestartPolicy::Transient, RestartPolicy::Temporary];

/// A child that does nothing until it is asked to stop.
async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// A child that declines to run, OTP's `ignore`.
fn declining(name: &str) -> ChildSpec {
    let decline = async |ctx: ChildContext| {
        ctx.decline().await;
        ctx.cancelled().await;
    };
    ChildSpec::new(name, decline).ready_within(SECOND)
}

/// Starts a tree, and lets everything come up that can.
async fn up(supervisor: Supervisor) -> (RunningSupervisor, SupervisorHandle) {
    let running = supervisor.start();
    settle().await;
    let handle = running.handle();
    (running, handle)
}

async fn state(handle: &SupervisorHandle, path: &str) -> ChildState {
    handle.child(path).await.unwrap().state
}

/// All specs, those running, those restarting, supervisors, workers.
async fn counts(handle: &SupervisorHandle) -> [usize; 5] {
    let Counts { specs, running, restarting, supervisors, workers, .. } =
        handle.counts().await.unwrap();
    [specs, running, restarting, supervisors, workers]
}

/// The names of all children, in start order, joined by spaces.
async fn names(handle: &SupervisorHandle) -> String {
    let children = handle.children().await.unwrap();
    children.into_iter().map(|child| child.name).collect::<Vec<_>>().join(" ")
}
