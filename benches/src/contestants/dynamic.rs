//! `sage-supervisor`, dynamic: a `DynamicSupervisor` whose idle children share one template.
//!
//! Each child is started by a call of its own. Many calls are pending at a time, as with many callers;
//! a single caller that awaits each call before the next one pays for one more task switch per child.

use std::sync::Arc;

use futures_util::future::join_all;
use sage_supervisor::{ChildSpec, DynamicSupervisor, RunningSupervisor, SupervisorHandle};

use super::by_hand;
use crate::case::Case;
use crate::contestant::{Contestant, Plan, Step, Tree};
use crate::probe;

pub const NAME: &str = "dynamic";

pub(super) struct Dynamic;

/// The number of calls that are pending at a time.
const BATCH: u32 = 256;

impl Contestant for Dynamic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn package(&self) -> &'static str {
        "sage-supervisor"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        match case.scenario {
            "one_for_all" => Some("a dynamic supervisor has no groups"),
            "direct" => Some("a dynamic supervisor is started, or a child of another"),
            _ => None,
        }
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        let name = "child".to_owned();
        let template =
            if plan.listen { by_hand::listening(name, 0) } else { by_hand::deaf(name, 0) };
        Box::new(Many { plan, template: Arc::new(template), started: None })
    }
}

struct Many {
    plan: Plan,
    template: Arc<ChildSpec>,
    started: Option<(DynamicSupervisor, RunningSupervisor)>,
}

impl Tree for Many {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async {
            let supervisor = DynamicSupervisor::new().unlimited_restarts();
            let running = supervisor.clone().start();
            let mut left = self.plan.children;
            while left > 0 {
                let batch = left.min(BATCH);
                let calls = (0..batch).map(|_| supervisor.start_child(Arc::clone(&self.template)));
                for started in join_all(calls).await {
                    started.expect("there is room");
                }
                left -= batch;
            }
            for spec in by_hand::failing(self.plan) {
                supervisor.start_child(spec).await.expect("there is room");
            }
            self.started = Some((supervisor, running));
        })
    }

    fn stop(mut self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let (_, running) = self.started.take().expect("it has been started");
            running.shutdown().await.expect("all end in time");
        })
    }

    fn churn(&mut self, times: u32) -> Step<'_> {
        Box::pin(async move {
            let (supervisor, _) = self.started.as_ref().expect("it has been started");
            for _ in 0..times {
                probe::expect_one_more();
                let template = Arc::clone(&self.template);
                let name = supervisor.start_child(template).await.expect("there is room");
                probe::STARTED.reached().await;
                supervisor.stop_child(&name).await.expect("it runs");
                probe::ENDED.reached().await;
            }
        })
    }

    fn handle(&self) -> Option<SupervisorHandle> {
        self.started.as_ref().map(|(_, running)| running.handle())
    }
}
