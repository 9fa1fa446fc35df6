//! `ractor-supervisor`, without boxed futures: a child is an actor that does its work in `post_start`.
//!
//! The restart window is 1 ms, because each restart looks at all restarts within the window. Children
//! that start at run time are below a dynamic supervisor, all others below a static one.

use std::time::Duration;

use ractor::concurrency::JoinHandle;
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use ractor_supervisor::{
    ChildSpec, DynamicSupervisor, DynamicSupervisorMsg, DynamicSupervisorOptions, Restart, SpawnFn,
    Supervisor, SupervisorArguments, SupervisorMsg, SupervisorOptions, SupervisorStrategy,
};

use crate::case::Case;
use crate::contestant::{Contestant, Fails, Plan, Step, Tree, because};
use crate::probe::{self, Life};

pub(super) struct RactorSupervisor;

const WINDOW: Duration = Duration::from_millis(1);

impl Contestant for RactorSupervisor {
    fn name(&self) -> &'static str {
        "ractor-supervisor"
    }

    fn refuses(&self, case: &Case) -> Option<&'static str> {
        match (case.scenario, case.mode) {
            ("direct", _) => Some(because::NO_RUN),
            ("stop", "brutal_kill") => Some(because::NO_KILL),
            // For each child that reports its start, the supervisor looks through all children.
            ("restarts" | "panics" | "idle", _) if case.children == 100_000 => Some(because::BUSY),
            _ => because::beyond_the_others(case),
        }
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        let idle = (0..plan.children).map(|index| spec(format!("child-{index}"), Idle, index));
        let failing = (0..plan.fails.count()).map(|number| {
            let name = format!("failing-{number}");
            spec(name, Failing(plan.fails), plan.children)
        });
        let child_specs = idle.chain(failing).collect();
        let strategy = if plan.together {
            SupervisorStrategy::OneForAll
        } else {
            SupervisorStrategy::OneForOne
        };
        let options = SupervisorOptions {
            strategy,
            max_restarts: usize::MAX,
            max_window: WINDOW,
            reset_after: None,
        };
        let arguments = SupervisorArguments { child_specs, options };
        Box::new(Actors {
            plan,
            arguments: Some(arguments),
            started: None,
            dynamic: None,
            guests: 0,
        })
    }
}

fn spec<A: Actor<Arguments = u32> + Copy + Sync>(id: String, actor: A, index: u32) -> ChildSpec {
    let spawn = move |supervisor: ActorCell, name: String| async move {
        let child = Supervisor::spawn_linked(name, actor, index, supervisor).await?;
        Ok::<_, SpawnErr>(child.0.get_cell())
    };
    ChildSpec {
        id,
        restart: Restart::Permanent,
        spawn_fn: SpawnFn::new(spawn),
        backoff_fn: None,
        reset_after: None,
    }
}

#[derive(Clone, Copy)]
struct Idle;

impl Actor for Idle {
    type Msg = ();
    type State = Life;
    type Arguments = u32;

    async fn pre_start(&self, _: ActorRef<()>, index: u32) -> Result<Life, ActorProcessingErr> {
        Ok(Life::begin(index))
    }
}

#[derive(Clone, Copy)]
struct Failing(Fails);

impl Actor for Failing {
    type Msg = ();
    type State = u32;
    type Arguments = u32;

    async fn pre_start(&self, _: ActorRef<()>, index: u32) -> Result<u32, ActorProcessingErr> {
        Ok(index)
    }

    async fn post_start(&self, _: ActorRef<()>, index: &mut u32) -> Result<(), ActorProcessingErr> {
        match self.0 {
            Fails::Nothing => unreachable!("nothing fails"),
            Fails::Failing(_) => probe::failing().await?,
            Fails::Panicking => probe::panicking().await?,
            Fails::Gated => probe::gated(*index).await?,
        }
        Ok(())
    }
}

struct Actors {
    plan: Plan,
    arguments: Option<SupervisorArguments>,
    started: Option<(ActorRef<SupervisorMsg>, JoinHandle<()>)>,
    dynamic: Option<ActorRef<DynamicSupervisorMsg>>,
    /// The number of guests so far. Each guest needs a new name, because a used name is not free at
    /// once.
    guests: u32,
}

impl Tree for Actors {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async {
            let arguments = self.arguments.take().expect("it has not been started");
            let started = Supervisor::spawn("supervisor".to_owned(), arguments).await;
            self.started = Some(started.expect("it starts"));
        })
    }

    fn stop(self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let (supervisor, end) = self.started.expect("it has been started");
            supervisor.stop(None);
            end.await.expect("it ends");
        })
    }

    fn kill(self: Box<Self>) {
        self.started.expect("it has been started").0.kill();
    }

    fn churn(&mut self, times: u32) -> Step<'_> {
        Box::pin(async move {
            let supervisor = match self.dynamic.take() {
                Some(supervisor) => supervisor,
                None => dynamic().await,
            };
            for _ in 0..times {
                self.guests += 1;
                let name = format!("guest-{}", self.guests);
                probe::expect_one_more();
                let guest = spec(name.clone(), Idle, self.plan.children);
                let started = DynamicSupervisor::spawn_child(supervisor.clone(), guest).await;
                started.expect("its name is new");
                probe::STARTED.reached().await;
                let ended = DynamicSupervisor::terminate_child(supervisor.clone(), name).await;
                ended.expect("it runs");
                probe::ENDED.reached().await;
            }
            self.dynamic = Some(supervisor);
        })
    }
}

async fn dynamic() -> ActorRef<DynamicSupervisorMsg> {
    let options = DynamicSupervisorOptions {
        max_children: None,
        max_restarts: usize::MAX,
        max_window: WINDOW,
        reset_after: None,
    };
    DynamicSupervisor::spawn("dynamic".to_owned(), options).await.expect("it starts").0
}
