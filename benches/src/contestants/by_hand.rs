//! `sage-supervisor`, built by hand: a `Supervisor` of named children, with defaults.
//!
//! Children that do not listen take no context, so the supervisor stops them by aborting them at once.
//! The listening children are asked and awaited one after the other.

use sage_supervisor::{ChildContext, SupervisorHandle};
use sage_supervisor::{ChildSpec, RestartConfig, RunningSupervisor, Strategy, Supervisor};

use crate::contestant::{Contestant, Fails, Plan, Step, Tree};
use crate::probe::{self, Failed, Life};

pub const NAME: &str = "by hand";

pub(super) struct ByHand;

impl Contestant for ByHand {
    fn name(&self) -> &'static str {
        NAME
    }

    fn package(&self) -> &'static str {
        "sage-supervisor"
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        let strategy = if plan.together { Strategy::OneForAll } else { Strategy::OneForOne };
        let supervisor = Supervisor::new(strategy, RestartConfig::default())
            .unlimited_restarts()
            .children(idle(plan))
            .children(failing(plan));
        Box::new(Static::of(supervisor))
    }
}

/// The specs of the children that live.
pub(super) fn idle(plan: Plan) -> impl Iterator<Item = ChildSpec> {
    (0..plan.children).map(move |index| {
        let name = format!("child-{index}");
        if plan.listen { listening(name, index) } else { deaf(name, index) }
    })
}

pub(super) fn deaf(name: String, index: u32) -> ChildSpec {
    ChildSpec::without_context(name, move || probe::idle(index))
}

pub(super) fn listening(name: String, index: u32) -> ChildSpec {
    ChildSpec::new(name, move |ctx: ChildContext| async move {
        let _life = Life::begin(index);
        ctx.cancelled().await;
        Ok::<_, Failed>(())
    })
}

/// The specs of the children that fail.
pub(super) fn failing(plan: Plan) -> impl Iterator<Item = ChildSpec> {
    let last = plan.children;
    (0..plan.fails.count()).map(move |number| {
        let name = format!("failing-{number}");
        match plan.fails {
            Fails::Nothing => unreachable!("nothing fails"),
            Fails::Failing(_) => ChildSpec::without_context(name, probe::failing),
            Fails::Panicking => ChildSpec::without_context(name, probe::panicking),
            Fails::Gated => ChildSpec::without_context(name, move || probe::gated(last)),
        }
    })
}

/// A tree below a `Supervisor`.
pub(super) struct Static {
    supervisor: Option<Supervisor>,
    running: Option<RunningSupervisor>,
}

impl Static {
    pub(super) fn of(supervisor: Supervisor) -> Self {
        Self { supervisor: Some(supervisor), running: None }
    }
}

impl Tree for Static {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async {
            let supervisor = self.supervisor.take().expect("it has not been started");
            self.running = Some(supervisor.start());
        })
    }

    fn stop(mut self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let running = self.running.take().expect("it has been started");
            running.shutdown().await.expect("all end in time");
        })
    }

    fn run_here(mut self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let mut supervisor = self.supervisor.take().expect("it has not been started");
            supervisor.run().await.expect("it does not give up");
        })
    }

    fn churn(&mut self, times: u32) -> Step<'_> {
        let handle = self.handle().expect("it has been started");
        Box::pin(async move {
            for _ in 0..times {
                probe::expect_one_more();
                handle.start_child(deaf("guest".to_owned(), 0)).await.expect("it is new");
                probe::STARTED.reached().await;
                handle.stop_child("guest").await.expect("it runs");
                probe::ENDED.reached().await;
                handle.remove_child("guest").await.expect("it is down");
            }
        })
    }

    fn handle(&self) -> Option<SupervisorHandle> {
        self.running.as_ref().map(RunningSupervisor::handle)
    }
}
