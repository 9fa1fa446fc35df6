//! Commands to a real tree, and the statuses that the tree shows.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use sage_supervisor::{ChildState, Counts, SupervisorHandle};

use tokio::time::Instant;

use crate::answers::{Answer, Count, Look, Request, Shown};
use crate::history::{Aim, Ask, Command};
use crate::plan::Plan;
use crate::stage::Stage;

/// Sends commands, and collects the answers.
pub(crate) struct Hands {
    stage: Stage,
    handle: SupervisorHandle,
    given: usize,
    begin: Instant,
    answers: Arc<Mutex<Vec<(usize, Answer)>>>,
}

impl Hands {
    pub(crate) fn new(stage: Stage, handle: SupervisorHandle) -> Self {
        Self { stage, handle, given: 0, begin: Instant::now(), answers: Arc::default() }
    }

    /// Chooses the child that a command is sent to, by the statuses that were seen last.
    pub(crate) fn choose(
        &mut self,
        ask: Ask,
        looks: &[(usize, Look)],
        ending: &[usize],
    ) -> Option<Request> {
        let listed = looks.iter().flat_map(|(_, look)| look.iter().flatten());
        let mut states = vec![None; self.stage.plan.units.len()];
        let mut waits = vec![false; states.len()];
        for shown in listed {
            states[shown.unit] = Some(shown.state);
            waits[shown.unit] = shown.restarts_at.is_some();
        }
        // A dynamic supervisor is a single value that is declared in one place, so it can neither be
        // added again nor take the place of another.
        let is_declared = matches!(ask.what, Command::Start | Command::Replace);
        let allowed = |unit: &usize| !is_declared || !self.stage.plan.has_dynamic(*unit);
        let all: Vec<_> = (1..states.len()).filter(allowed).collect();
        let aimed = |unit: &&usize| match ask.aim {
            Aim::Any => true,
            Aim::Unknown => states[**unit].is_none(),
            Aim::Ending => ending.contains(*unit),
            Aim::OnDemand => {
                let parent = self.stage.plan.units[**unit].parent;
                self.stage.plan.units[parent].settings.dynamic.is_some()
            }
            Aim::Waiting => waits[**unit],
            Aim::At(state) => states[**unit] == Some(state),
        };
        let some: Vec<_> = all.iter().filter(aimed).copied().collect();
        let from = if some.is_empty() { all } else { some };
        let unit = *from.get(ask.whom % from.len().max(1))?;
        self.given += 1;
        Some(Request { number: self.given, what: ask.what, unit })
    }

    /// Sends a command, either at once or from a task that runs after the workers that have just
    /// been given an order.
    pub(crate) async fn give(&self, request: Request, at_once: bool) {
        let (handle, answers) = (self.handle.clone(), Arc::clone(&self.answers));
        let plan = &self.stage.plan;
        let below_root = |unit: usize| {
            let path = &plan.units[unit].path;
            path.strip_prefix("root").expect("it is below").trim_start_matches('/').to_owned()
        };
        let path = below_root(request.unit);
        let parent = plan.units[request.unit].parent;
        let above = below_root(parent);
        let has_spec = matches!(request.what, Command::Start | Command::Replace);
        let spec = has_spec.then(|| self.stage.child(request.unit));
        let pool = self.stage.pool(parent);
        let mut asking = Box::pin(async move {
            let result = match (request.what, spec, pool) {
                (Command::Replace, Some(spec), _) => handle.replace_child(&path, spec).await,
                (_, Some(spec), Some(pool)) => pool.start_named(spec.name().to_owned(), spec).await,
                (_, Some(spec), None) => handle.start_child_below(&above, spec).await,
                (Command::Restart, ..) => handle.restart_child(&path).await,
                (Command::Remove, ..) => handle.remove_child(&path).await,
                (Command::Stop | Command::Start | Command::Replace, ..) => {
                    handle.stop_child(&path).await
                }
            };
            let answer = (request.number, Answer::of(result));
            answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
        });
        if !at_once || poll_once(asking.as_mut()).await.is_pending() {
            drop(tokio::spawn(asking));
        }
    }

    fn since_begin(&self, at: Instant) -> u64 {
        u64::try_from((at - self.begin).as_millis()).expect("no history is that long")
    }

    /// The answers since the last call.
    pub(crate) fn answers(&self) -> Vec<(usize, Answer)> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.sort_unstable();
        std::mem::take(&mut *answers)
    }

    /// The children that every supervisor shows. The error is a count that does not fit them.
    pub(crate) async fn look(&self) -> Result<Vec<(usize, Look)>, String> {
        let plan = &self.stage.plan;
        let mut looks = Vec::new();
        for sup in plan.supervisors() {
            let path = plan.units[sup].path.trim_start_matches("root").trim_start_matches('/');
            let children = self.handle.children_below(path).await;
            let counts = self.handle.counts_below(path).await;
            let look = children.map_err(|error| Answer::of(Err(error))).map(|children| {
                let shown = children.iter().map(|child| Shown {
                    unit: plan.find(&child.path),
                    state: child.state,
                    restarts: child.restarts,
                    restarts_at: child.restarts_at.map(|at| self.since_begin(at)),
                });
                shown.collect::<Vec<_>>()
            });
            let counts = counts.map(numbers).map_err(|error| Answer::of(Err(error)));
            let counted = look.as_ref().map(|shown| count(plan, shown));
            if counts.as_ref() != counted.as_ref().map_err(|error| *error) {
                return Err(format!("counts of {path}: {counts:?} and not {counted:?}"));
            }
            looks.push((sup, look));
        }
        Ok(looks)
    }
}

fn numbers(counts: Counts) -> Count {
    let Counts { specs, running, restarting, supervisors, workers, .. } = counts;
    [specs, running, restarting, supervisors, workers]
}

/// The counts of children by rule 29.
fn count(plan: &Plan, children: &[Shown]) -> Count {
    use ChildState::{Finished, GivenUp, Restarting, Stopped};
    let down = [Restarting, Stopped, Finished, GivenUp];
    let mut count = [children.len(), 0, 0, 0, 0];
    for shown in children {
        count[1] += usize::from(!down.contains(&shown.state));
        count[2] += usize::from(shown.state == Restarting);
        count[3] += usize::from(plan.units[shown.unit].worker.is_none());
        count[4] += usize::from(plan.units[shown.unit].worker.is_some());
    }
    count
}

pub(crate) async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}
