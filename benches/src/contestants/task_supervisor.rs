//! `task-supervisor`, with a delay of zero, no jitter, and no limit.
//!
//! A restart goes through a timer all the same. Every child has a token; a child that ignores the token
//! is dropped at the shutdown timeout.

use std::time::Duration;

use task_supervisor::{
    CancellationToken, SupervisedTask, SupervisorBuilder, SupervisorHandle, TaskResult,
};

use crate::case::Case;
use crate::contestant::{Contestant, Fails, Plan, Step, Tree, because};
use crate::probe::{self, Life};

pub(super) struct TaskSupervisor;

impl Contestant for TaskSupervisor {
    fn name(&self) -> &'static str {
        "task-supervisor"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        match (case.scenario, case.mode) {
            ("direct", _) => Some(because::NO_RUN),
            ("one_for_all", _) => Some(because::NO_GROUPS),
            ("stop", "brutal_kill") => Some(because::NO_KILL),
            ("stop", "drop") => Some("drop is its graceful stop"),
            _ => because::beyond_the_others(case),
        }
    }

    fn remark(&self, case: &Case) -> Option<&'static str> {
        let restarts = matches!(case.scenario, "restarts" | "panics" | "storm");
        restarts.then_some("a restart goes through a timer, which ticks once a millisecond")
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        let mut builder = SupervisorBuilder::new()
            .with_unlimited_restarts()
            .with_base_restart_delay(Duration::ZERO)
            .with_max_restart_delay(Duration::ZERO)
            .with_restart_jitter(0.0);
        for index in 0..plan.children {
            let name = format!("child-{index}");
            builder = if plan.listen {
                builder.with_task(&name, Listening(index))
            } else {
                builder.with_task(&name, Idle(index))
            };
        }
        for number in 0..plan.fails.count() {
            let name = format!("failing-{number}");
            builder = match plan.fails {
                Fails::Nothing => unreachable!("nothing fails"),
                Fails::Failing(_) => builder.with_task(&name, Failing),
                Fails::Panicking => builder.with_task(&name, Panicking),
                Fails::Gated => builder.with_task(&name, Gated(plan.children)),
            };
        }
        Box::new(Tasks { builder: Some(builder), handle: None, guests: 0 })
    }
}

#[derive(Clone)]
struct Idle(u32);

impl SupervisedTask for Idle {
    async fn run(self, _: CancellationToken) -> TaskResult {
        Ok(probe::idle(self.0).await?)
    }
}

#[derive(Clone)]
struct Listening(u32);

impl SupervisedTask for Listening {
    async fn run(self, token: CancellationToken) -> TaskResult {
        let _life = Life::begin(self.0);
        token.cancelled().await;
        Ok(())
    }
}

#[derive(Clone)]
struct Failing;

impl SupervisedTask for Failing {
    async fn run(self, _: CancellationToken) -> TaskResult {
        Ok(probe::failing().await?)
    }
}

#[derive(Clone)]
struct Panicking;

impl SupervisedTask for Panicking {
    async fn run(self, _: CancellationToken) -> TaskResult {
        Ok(probe::panicking().await?)
    }
}

#[derive(Clone)]
struct Gated(u32);

impl SupervisedTask for Gated {
    async fn run(self, _: CancellationToken) -> TaskResult {
        Ok(probe::gated(self.0).await?)
    }
}

struct Tasks {
    builder: Option<SupervisorBuilder>,
    handle: Option<SupervisorHandle>,
    /// The number of guests so far. Each guest needs a new name, because a used name is never free
    /// again.
    guests: u32,
}

impl Tree for Tasks {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async {
            let builder = self.builder.take().expect("it has not been started");
            self.handle = Some(builder.spawn());
        })
    }

    fn stop(self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let handle = self.handle.expect("it has been started");
            handle.shutdown().await.expect("all end in time");
        })
    }

    fn churn(&mut self, times: u32) -> Step<'_> {
        Box::pin(async move {
            let handle = self.handle.as_ref().expect("it has been started");
            for _ in 0..times {
                self.guests += 1;
                let name = format!("guest-{}", self.guests);
                probe::expect_one_more();
                handle.add_task(&name, Listening(0)).await.expect("it is new");
                probe::STARTED.reached().await;
                handle.kill_task(&name).await.expect("it runs");
                probe::ENDED.reached().await;
            }
        })
    }
}
