//! Cases of other supervisors' test suites.
//!
//! The cases of Erlang/OTP's and Elixir's suites are here under their own names. Further modules test
//! the behaviour that OTP's suite leaves untested ([`gaps`], [`gaps_by_hand`]), and the mistakes of
//! other supervisors ([`peers`], [`peers_runtime`]).
//!
//! # OTP
//!
//! The cases are those of OTP 27, in the order of its groups. Of 91 cases 77 are here. Each of them is
//! a test with the name of the case. The test is in the module of its group or, if the case is about
//! `simple_one_for_one`, in a module named `simple_*`. A test says where we differ on purpose.
//!
//! | group | cases | here |
//! |---|---|---|
//! | `sup_start` | 12 | 11 |
//! | `sup_start_map` | 3 | 3 |
//! | `sup_stop` | 7 | 7 |
//! | `API` | 6 | 6 |
//! | `restart` | 15 | 15 |
//! | `termination types` | 11 | 11 |
//! | `misc A` | 2 | 2 |
//! | `significant` | 14 | 7 |
//! | `misc B` | 21 | 15 |
//!
//! | case | test, or why there is none |
//! |---|---|
//! | `sup_start_normal` | here |
//! | `sup_start_ignore_init` | none: a supervisor has no callback that could decline; its children can |
//! | `sup_start_ignore_child` | here |
//! | `sup_start_ignore_temporary_child` | here |
//! | `sup_start_ignore_temporary_child_start_child` | here |
//! | `sup_start_ignore_temporary_child_start_child_simple` | here |
//! | `sup_start_ignore_permanent_child_start_child_simple` | here |
//! | `sup_start_error_return` | here |
//! | `sup_start_fail` | here |
//! | `sup_start_child_returns_error` | here |
//! | `sup_start_restart_child_returns_error` | here |
//! | `sup_start_child_returns_error_simple` | here |
//! | `sup_start_map` | here |
//! | `sup_start_map_simple` | here |
//! | `sup_start_map_faulty_specs` | here: the rest of it in `tests/ui` |
//! | `sup_stop_infinity` | here |
//! | `sup_stop_timeout` | here |
//! | `sup_stop_timeout_dynamic` | here: and on children added by hand |
//! | `sup_stop_brutal_kill` | here |
//! | `sup_stop_brutal_kill_dynamic` | here: and on children added by hand |
//! | `sup_stop_race` | here |
//! | `sup_stop_non_shutdown_exit_dynamic` | here: and on children added by hand |
//! | `child_adm` | here |
//! | `child_adm_simple` | here |
//! | `extra_return` | here: through a channel |
//! | `child_specs` | here: the rest of it in `tests/ui` |
//! | `child_specs_map` | here |
//! | `sup_flags` | here: the rest of it in `tests/ui` |
//! | `multiple_restarts` | here |
//! | `one_for_one` | here |
//! | `one_for_one_escalation` | here |
//! | `one_for_all` | here |
//! | `one_for_all_escalation` | here |
//! | `one_for_all_other_child_fails_restart` | here |
//! | `simple_one_for_one` | here |
//! | `simple_one_for_one_shutdown` | here |
//! | `simple_one_for_one_extra` | here: through a channel |
//! | `simple_one_for_one_escalation` | here |
//! | `simple_one_for_one_corruption` | here: what the supervisor keeps, without its size |
//! | `simple_one_for_one_restart_ignore` | here |
//! | `rest_for_one` | here |
//! | `rest_for_one_escalation` | here |
//! | `rest_for_one_other_child_fails_restart` | here |
//! | `external_start_no_progress_log` | here |
//! | `permanent_normal` | here |
//! | `transient_normal` | here |
//! | `temporary_normal` | here |
//! | `permanent_shutdown` | here |
//! | `transient_shutdown` | here |
//! | `temporary_shutdown` | here |
//! | `faulty_application_shutdown` | here |
//! | `permanent_abnormal` | here |
//! | `transient_abnormal` | here |
//! | `temporary_abnormal` | here |
//! | `child_unlink` | here |
//! | `tree` | here |
//! | `nonsignificant_temporary` | here |
//! | `nonsignificant_transient` | here |
//! | `significant_temporary` | here |
//! | `significant_transient` | here |
//! | `significant_simple` | here |
//! | `significant_bystander` | here |
//! | `significant_escalation` | here |
//! | `significant_upgrade_never_any` | none: there is no code change |
//! | `significant_upgrade_any_never` | none: there is no code change |
//! | `significant_upgrade_never_all` | none: there is no code change |
//! | `significant_upgrade_all_never` | none: there is no code change |
//! | `significant_upgrade_any_all` | none: there is no code change |
//! | `significant_upgrade_all_any` | none: there is no code change |
//! | `significant_upgrade_child` | none: there is no code change |
//! | `count_children` | here: and on children added by hand |
//! | `count_children_supervisor` | here: and on children added by hand |
//! | `count_restarting_children` | here: and on a group |
//! | `get_callback_module` | none: a hook of OTP's release handler |
//! | `do_not_save_start_parameters_for_temporary_children` | here: that they do not pile up |
//! | `do_not_save_child_specs_for_temporary_children` | here |
//! | `simple_one_for_one_scale_many_temporary_children` | here: without the time it takes |
//! | `temporary_bystander` | here |
//! | `simple_global_supervisor` | here: with a registry in the test |
//! | `hanging_restart_loop` | here: with `hanging_restart_loop_shut_down` |
//! | `hanging_restart_loop_rest_for_one` | here |
//! | `hanging_restart_loop_simple` | here |
//! | `code_change` | none: there is no code change |
//! | `code_change_map` | none: there is no code change |
//! | `code_change_simple` | none: there is no code change |
//! | `code_change_simple_map` | none: there is no code change |
//! | `order_of_children` | here |
//! | `scale_start_stop_many_children` | here: without the time it takes |
//! | `format_log_1` | none: a format of OTP's old log |
//! | `format_log_2` | here: the fields of an event |
//! | `already_started_outside_supervisor` | here |
//!
//! # Elixir
//!
//! The cases are those of Elixir 1.21, in four suites; each of our modules has the table of its suite.
//!
//! | suite | cases | here | where |
//! |---|---|---|---|
//! | `DynamicSupervisor` | 41 | 33 | [`elixir_dynamic`], [`elixir_dynamic_restart`], [`elixir_dynamic_stop`] |
//! | `PartitionSupervisor` | 22 | 11 | [`elixir_partitions`] |
//! | `Task.Supervisor` | 44 | 31 | [`elixir_tasks`], [`elixir_tasks_await`], [`elixir_tasks_stream`] |
//! | `Supervisor` | 16 | 8 | under OTP's names, as follows |
//!
//! | case of `Supervisor` | test, or why there is none |
//! |---|---|
//! | generates child_spec/1, child_spec/2, init/2, init/2 with old and new child specs | none: there are no modules to be called back |
//! | start_link/2 with via, start_link/3 with global, start_link/3 with local | none: there are no registered names |
//! | start_link/2, start_link/3 | `permanent_normal` |
//! | start_link/2 with old and new specs | none: there is one kind of spec |
//! | start_child/2 supports old child spec, new child spec as tuple, new child spec | `child_adm`, for the one kind there is |
//! | with invalid child spec | `sup_start_map_faulty_specs` |
//! | with valid child spec | `sup_stop_timeout` |
//! | child life cycle | `child_adm` |

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod elixir_dynamic;
mod elixir_dynamic_restart;
mod elixir_dynamic_stop;
mod elixir_partitions;
mod elixir_tasks;
mod elixir_tasks_await;
mod elixir_tasks_stream;
mod gaps;
mod gaps_by_hand;
mod misc_a;
mod misc_b;
mod misc_b_restarting;
mod peers;
mod peers_runtime;
mod restart;
mod significant;
mod simple_misc;
mod simple_restart;
mod simple_start;
mod simple_stop;
mod sup_start;
mod sup_start_map;
mod sup_stop;
mod termination_types;

use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, ChildState, Counts, DynamicSupervisor, RestartPolicy,
    RunningSupervisor, Supervisor, SupervisorHandle,
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

/// Starts a tree, and lets all children come up that can.
async fn up(supervisor: Supervisor) -> (RunningSupervisor, SupervisorHandle) {
    let running = supervisor.start();
    settle().await;
    let handle = running.handle();
    (running, handle)
}

/// Starts a dynamic supervisor alone.
async fn up_dynamic(supervisor: &DynamicSupervisor) -> (RunningSupervisor, SupervisorHandle) {
    let running = supervisor.clone().start();
    settle().await;
    let handle = running.handle();
    (running, handle)
}

async fn state(handle: &SupervisorHandle, path: &str) -> ChildState {
    handle.child(path).await.unwrap().state
}

/// The numbers of specs, of running and of restarting children, of supervisors, and of workers.
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
