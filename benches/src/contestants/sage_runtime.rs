//! `sage-runtime`: the founding code.
//!
//! Its supervisor has nothing but `run()`; that is put into a task of its own. Dropping it detaches
//! its children, and there is no other way to end them. `one_for_all` aborts the old ones and does not
//! wait for them.

use sage_runtime::{RestartConfig, RestartPolicy, SageError, SageResult, Strategy, Supervisor};
use tokio::task::JoinHandle;

use super::{Contestant, Fails, Plan, Step, Tree, because};
use crate::case::Case;
use crate::probe::{self, Failed};

pub(super) struct SageRuntime;

impl Contestant for SageRuntime {
    fn name(&self) -> &'static str {
        "sage-runtime"
    }

    fn package(&self) -> &'static str {
        "sage-runtime"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        match (case.scenario, case.mode) {
            ("stop", "drop") => Some("drop leaves its children running"),
            ("stop", _) => Some("it cannot be stopped"),
            ("memory", "listening") => Some("its children cannot be told to stop"),
            ("churn", _) => Some("no children at run time"),
            ("events", "none") => None,
            ("events", _) => Some(because::NO_EVENTS),
            ("million", _) => Some(because::NO_SNAPSHOT),
            _ if case.children > 100_000 => Some(because::MANY),
            _ => None,
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
