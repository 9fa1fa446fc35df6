//! The floor: the bare loop that supervisors are measured against.
//!
//! The loop runs over a `JoinSet` with boxed start functions, and each task returns its own index.
//! There are no names, no order and no limits, and a task cannot be asked to stop.

use std::future::Future;
use std::pin::Pin;

use tokio::task::{AbortHandle, JoinSet};

use crate::contestant::{Contestant, Fails, Plan, Step, Tree};
use crate::probe;

type Life = Pin<Box<dyn Future<Output = Result<(), probe::Failed>> + Send>>;
type Start = Box<dyn Fn() -> Life + Send>;

pub(super) const NAME: &str = "floor";

pub(super) struct Floor;

impl Contestant for Floor {
    fn name(&self) -> &'static str {
        NAME
    }

    fn package(&self) -> &'static str {
        "tokio"
    }

    fn build(&self, plan: Plan) -> Box<dyn Tree> {
        Box::new(Bare {
            starts: starts(plan),
            together: plan.together,
            fails: plan.fails != Fails::Nothing,
            set: Running::Not,
        })
    }
}

fn starts(plan: Plan) -> Vec<Start> {
    let mut starts = Vec::with_capacity((plan.children + plan.fails.count()) as usize);
    for index in 0..plan.children {
        // A task of the floor cannot listen, so a listening child is the same as any other here.
        starts.push(boxed(move || probe::idle(index)));
    }
    let last = plan.children;
    for _ in 0..plan.fails.count() {
        starts.push(match plan.fails {
            Fails::Nothing => unreachable!("nothing fails"),
            Fails::Failing(_) => boxed(probe::failing),
            Fails::Panicking => boxed(probe::panicking),
            Fails::Gated => boxed(move || probe::gated(last)),
        });
    }
    starts
}

fn boxed<Fut>(start: impl Fn() -> Fut + Send + 'static) -> Start
where
    Fut: Future<Output = Result<(), probe::Failed>> + Send + 'static,
{
    Box::new(move || Box::pin(start()))
}

struct Bare {
    starts: Vec<Start>,
    together: bool,
    fails: bool,
    set: Running,
}

enum Running {
    Not,
    /// All tasks live, and no loop watches them.
    Idle(JoinSet<usize>),
    Supervised(AbortHandle),
}

fn spawn(set: &mut JoinSet<usize>, index: usize, start: &Start) -> AbortHandle {
    let life = start();
    set.spawn(async move {
        let _ = life.await;
        index
    })
}

fn spawn_all(set: &mut JoinSet<usize>, starts: &[Start]) {
    for (index, start) in starts.iter().enumerate() {
        spawn(set, index, start);
    }
}

/// Restarts each task that ends. With `together`, aborts all tasks, waits for them, and restarts all.
async fn supervise(mut set: JoinSet<usize>, starts: Vec<Start>, together: bool) {
    while let Some(ended) = set.join_next().await {
        if together {
            set.abort_all();
            while set.join_next().await.is_some() {}
            spawn_all(&mut set, &starts);
            continue;
        }
        // The error of a panic carries no index; only the last task ever panics.
        let index = ended.unwrap_or(starts.len() - 1);
        spawn(&mut set, index, &starts[index]);
    }
}

impl Tree for Bare {
    fn start(&mut self) -> Step<'_> {
        Box::pin(async move {
            let mut set = JoinSet::new();
            spawn_all(&mut set, &self.starts);
            self.set = if self.fails {
                let starts = std::mem::take(&mut self.starts);
                let supervisor = tokio::spawn(supervise(set, starts, self.together));
                Running::Supervised(supervisor.abort_handle())
            } else {
                Running::Idle(set)
            };
        })
    }

    fn stop(mut self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            match std::mem::replace(&mut self.set, Running::Not) {
                Running::Idle(mut set) => set.shutdown().await,
                Running::Supervised(supervisor) => supervisor.abort(),
                Running::Not => {}
            }
        })
    }

    fn run_here(self: Box<Self>) -> Step<'static> {
        Box::pin(async move {
            let mut set = JoinSet::new();
            spawn_all(&mut set, &self.starts);
            supervise(set, self.starts, self.together).await;
        })
    }

    fn churn(&mut self, times: u32) -> Step<'_> {
        let Running::Idle(set) = &mut self.set else { unreachable!("nothing fails in this case") };
        Box::pin(async move {
            let start = boxed(|| probe::idle(0));
            for _ in 0..times {
                probe::expect_one_more();
                let child = spawn(set, 0, &start);
                probe::STARTED.reached().await;
                child.abort();
                set.join_next().await.expect("one has ended").expect_err("it was aborted");
                probe::ENDED.reached().await;
            }
        })
    }
}
