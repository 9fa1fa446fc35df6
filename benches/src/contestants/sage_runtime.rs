//! `sage-runtime`: the founding code.
//!
//! The supervisor has no method but `run()`, which is spawned as a task. Dropping the supervisor
//! detaches the children, and there is no other way to end them. `one_for_all` aborts the old
//! instances and does not wait for them.

use sage_runtime::{RestartConfig, RestartPolicy, SageError, SageResult, Strategy, Supervisor};
use tokio::task::JoinHandle;

use crate::case::Case;
use crate::contestant::{Contestant, Fails, Plan, Step, Tree, because};
use crate::probe::{self, Failed};

pub(super) struct SageRuntime;

impl Contestant for SageRuntime {
    fn name(&self) -> &'static str {
        "sage-runtime"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        match (case.scenario, case.mode) {
            ("stop", "drop") => Some("drop leaves its children running"),
            ("stop", _) => Some("it cannot be stopped"),
            ("memory", "listening") => Some("its children cannot be told to stop"),
            ("churn", _) => Some("no children at run time"),
            _ => because::beyond_the_others(case),
        }
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        let strategy = if plan.together { Strategy::OneForAll } else { Strategy::OneForOne };
        let limit = RestartConfig { max_restarts: u32::MAX, within: std::time::Duration::ZERO };
        let mut supervisor = Supervisor::new(strategy, limit);
        let always = RestartPolicy::Permanent;
        for index in 0..plan.children {
            supervisor.add_child(format!("child-{index}"), always, move || async move {
                ended(probe::idle(index).await)
            });
        }
        let last = plan.children;
        for number in 0..plan.fails.count() {
            let name = format!("failing-{number}");
            match plan.fails {
                Fails::Nothing => unreachable!("nothing fails"),
                Fails::Failing(_) => {
                    supervisor.add_child(name, always, || async { ended(probe::failing().await) });
                }
                Fails::Panicking => {
                    supervisor
                        .add_child(name, always, || async { ended(probe::panicking().await) });
                }
                Fails::Gated => {
                    supervisor.add_child(name, always, move || async move {
                        ended(probe::gated(last).await)
                    });
                }
            }
        }
        Box::new(Founding { supervisor: Some(supervisor), task: None })
    }
}

fn ended(result: Result<(), Failed>) -> SageResult<()> {
    result.map_err(|failed| SageError::Agent(failed.to_string()))
}

struct Founding {
    supervisor: Option<Supervisor>,
    task: Option<JoinHandle<SageResult<()>>>,
}

impl Tree for Founding {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async {
            let mut supervisor = self.supervisor.take().expect("it has not been started");
            self.task = Some(tokio::spawn(async move { supervisor.run().await }));
        })
    }

    fn stop(self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            if let Some(task) = self.task {
                assert!(!task.is_finished(), "it ended by itself");
                task.abort();
            }
        })
    }

    fn run_here(mut self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let mut supervisor = self.supervisor.take().expect("it has not been started");
            let result = supervisor.run().await;
            panic!("it ended by itself, with {result:?}");
        })
    }
}
