//! `taskvisor`, without its controller, with a backoff of zero and all capacities lifted.
//!
//! Each child is added by a call of its own. Many calls are pending at a time.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use taskvisor::SupervisorHandle;
use taskvisor::prelude::{
    BackoffPolicy, Supervisor, SupervisorConfig, TaskContext, TaskError, TaskFn, TaskSpec,
};

use crate::case::Case;
use crate::contestant::{Contestant, Fails, Plan, Step, Tree, because};
use crate::probe::{self, Failed, Life};

pub(super) struct Taskvisor;

/// The number of calls that are pending at a time.
const BATCH: usize = 1024;

impl Contestant for Taskvisor {
    fn name(&self) -> &'static str {
        "taskvisor"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        match (case.scenario, case.mode) {
            ("direct", _) => Some(because::NO_RUN),
            ("one_for_all", _) => Some(because::NO_GROUPS),
            ("stop", "brutal_kill") => Some(because::NO_KILL),
            ("stop", "drop") => Some("drop does not end its children at once"),
            ("events", mode) if mode != "none" => {
                Some("its subscribers are called, and may miss what they like")
            }
            _ => because::beyond_the_others(case),
        }
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        let mut specs = Vec::with_capacity((plan.children + plan.fails.count()) as usize);
        for index in 0..plan.children {
            let name = format!("child-{index}");
            specs.push(if plan.listen { listening(name, index) } else { idle(name, index) });
        }
        let last = plan.children;
        for number in 0..plan.fails.count() {
            let name = format!("failing-{number}");
            specs.push(match plan.fails {
                Fails::Nothing => unreachable!("nothing fails"),
                Fails::Failing(_) => spec(name, |_| async { ended(probe::failing().await) }),
                Fails::Panicking => spec(name, |_| async { ended(probe::panicking().await) }),
                Fails::Gated => spec(name, move |_| async move { ended(probe::gated(last).await) }),
            });
        }
        Box::new(Visor { specs, handle: None })
    }
}

fn spec<F, Fut>(name: String, life: F) -> TaskSpec
where
    F: Fn(TaskContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), TaskError>> + Send + 'static,
{
    let at_once = BackoffPolicy::constant(Duration::ZERO);
    TaskSpec::restartable(name, TaskFn::arc(life)).with_backoff(at_once)
}

fn idle(name: String, index: u32) -> TaskSpec {
    spec(name, move |_| async move { ended(probe::idle(index).await) })
}

fn listening(name: String, index: u32) -> TaskSpec {
    spec(name, move |ctx| async move {
        let _life = Life::begin(index);
        ctx.cancelled().await;
        Ok(())
    })
}

fn ended(result: Result<(), Failed>) -> Result<(), TaskError> {
    result.map_err(|failed| TaskError::fail(failed.to_string()))
}

struct Visor {
    specs: Vec<TaskSpec>,
    handle: Option<SupervisorHandle>,
}

impl Tree for Visor {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async {
            let config = SupervisorConfig::default()
                .with_max_registered_tasks(None)
                .with_ownership_capacity(None)
                .with_registry_queue_capacity(NonZeroUsize::new(BATCH).expect("it is not zero"));
            let supervisor: Arc<Supervisor> = Supervisor::new(config, vec![]);
            let handle = supervisor.serve().expect("it can be served");
            let mut specs = std::mem::take(&mut self.specs).into_iter().peekable();
            while specs.peek().is_some() {
                let calls = specs.by_ref().take(BATCH).map(|spec| async { handle.add(spec).await });
                for added in join_all(calls).await {
                    added.expect("there is room");
                }
            }
            self.handle = Some(handle);
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
                probe::expect_one_more();
                let guest = listening("guest".to_owned(), 0);
                let id = handle.add(guest).await.expect("there is room");
                probe::STARTED.reached().await;
                handle.cancel(id).execute().await.expect("it runs");
                probe::ENDED.reached().await;
            }
        })
    }
}
