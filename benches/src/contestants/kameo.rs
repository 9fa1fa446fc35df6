//! `kameo`, without its tracing: a child is an actor that does its work in `on_start`.
//!
//! Actors have no names here. An actor that fails or panics in `on_start` is restarted like any other.

use std::convert::Infallible;
use std::time::Duration;

use kameo::actor::{Actor, ActorRef, Spawn};
use kameo::supervision::{RestartPolicy, SupervisionStrategy};

use crate::case::Case;
use crate::contestant::{Contestant, Fails, Plan, Step, Tree, because};
use crate::probe::{self, Failed, Life};

pub(super) struct Kameo;

impl Contestant for Kameo {
    fn name(&self) -> &'static str {
        "kameo"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        match (case.scenario, case.mode) {
            ("direct", _) => Some(because::NO_RUN),
            ("stop", "brutal_kill") => Some(because::NO_KILL),
            _ => because::beyond_the_others(case),
        }
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        if plan.together {
            Box::new(Actors::<true> { plan, boss: None })
        } else {
            Box::new(Actors::<false> { plan, boss: None })
        }
    }
}

/// A supervisor with the strategy `OneForAll` if `TOGETHER`, and `OneForOne` otherwise.
struct Boss<const TOGETHER: bool>;

impl<const TOGETHER: bool> Actor for Boss<TOGETHER> {
    type Args = ();
    type Error = Infallible;

    fn supervision_strategy() -> SupervisionStrategy {
        if TOGETHER { SupervisionStrategy::OneForAll } else { SupervisionStrategy::OneForOne }
    }

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

struct Idle(#[expect(dead_code, reason = "its destructor is what it is for")] Life);

impl Actor for Idle {
    type Args = u32;
    type Error = Infallible;

    async fn on_start(index: u32, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self(Life::begin(index)))
    }
}

struct Failing;

impl Actor for Failing {
    type Args = ();
    type Error = Failed;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Failed> {
        probe::failing().await.map(|()| Self)
    }
}

struct Panicking;

impl Actor for Panicking {
    type Args = ();
    type Error = Failed;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Failed> {
        probe::panicking().await.map(|()| Self)
    }
}

struct Gated;

impl Actor for Gated {
    type Args = u32;
    type Error = Failed;

    async fn on_start(index: u32, _: ActorRef<Self>) -> Result<Self, Failed> {
        probe::gated(index).await.map(|()| Self)
    }
}

struct Actors<const TOGETHER: bool> {
    plan: Plan,
    boss: Option<ActorRef<Boss<TOGETHER>>>,
}

impl<const TOGETHER: bool> Actors<TOGETHER> {
    async fn supervise<C: Actor>(boss: &ActorRef<Boss<TOGETHER>>, args: C::Args)
    where
        C::Args: Clone + Sync,
    {
        let child = C::supervise(boss, args).restart_policy(RestartPolicy::Permanent);
        child.restart_limit(u32::MAX, Duration::from_millis(1)).spawn().await;
    }
}

impl<const TOGETHER: bool> Tree for Actors<TOGETHER> {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async {
            let boss = Boss::<TOGETHER>::spawn(());
            for index in 0..self.plan.children {
                Self::supervise::<Idle>(&boss, index).await;
            }
            for _ in 0..self.plan.fails.count() {
                match self.plan.fails {
                    Fails::Nothing => unreachable!("nothing fails"),
                    Fails::Failing(_) => Self::supervise::<Failing>(&boss, ()).await,
                    Fails::Panicking => Self::supervise::<Panicking>(&boss, ()).await,
                    Fails::Gated => Self::supervise::<Gated>(&boss, self.plan.children).await,
                }
            }
            self.boss = Some(boss);
        })
    }

    fn stop(self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let boss = self.boss.expect("it has been started");
            boss.stop_gracefully().await.expect("it runs");
            boss.wait_for_shutdown().await;
        })
    }

    fn kill(self: Box<Self>) {
        self.boss.expect("it has been started").kill();
    }

    fn churn(&mut self, times: u32) -> Step<'_> {
        Box::pin(async move {
            let boss = self.boss.as_ref().expect("it has been started");
            for _ in 0..times {
                probe::expect_one_more();
                let guest = Idle::supervise(boss, 0).restart_policy(RestartPolicy::Never);
                let guest = guest.spawn().await;
                probe::STARTED.reached().await;
                guest.stop_gracefully().await.expect("it runs");
                guest.wait_for_shutdown().await;
                probe::ENDED.reached().await;
            }
        })
    }
}
