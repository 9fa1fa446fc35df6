//! The stops and starts that follow from a reload, in order.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::child::{Operation, Request, Scope};
use crate::command::{CommandError, Reload};
use crate::handle::SupervisorHandle;
use crate::scope::{Origin, ReloadStep, Reply, Way};

/// The stops and starts that follow from a reload. A task of its own carries them out, because each of them
/// may take long, and an engine waits for nothing in place.
pub(super) struct ReloadSteps {
    scope: Arc<Scope>,
    /// The number of the reload. The engine refuses the steps of a reload that another one has overtaken.
    number: u64,
    pub(super) told: Reload,
    /// The children to stop, the last one in order first.
    pub(super) stops: Vec<Arc<str>>,
    starts: Vec<Arc<str>>,
    /// The pending answers of nested supervisors, which reload at the same time.
    pub(super) nested: Vec<(String, oneshot::Receiver<Result<Reload, CommandError>>)>,
}

impl ReloadSteps {
    pub(super) fn new(scope: Arc<Scope>, number: u64) -> Self {
        let (told, stops, starts, nested) = (Reload::default(), vec![], vec![], vec![]);
        Self { scope, number, told, stops, starts, nested }
    }

    /// Adds a child to start, as the last one.
    pub(super) fn start(&mut self, name: Arc<str>) {
        self.starts.push(name);
    }

    /// Carries the steps out, and answers the callers then.
    pub(super) async fn carry_out(mut self, replies: Vec<Reply<Reload>>) {
        let stops = std::mem::take(&mut self.stops).into_iter().map(|it| (ReloadStep::Stop, it));
        let starts = std::mem::take(&mut self.starts).into_iter().map(|it| (ReloadStep::Start, it));
        for (step, name) in stops.chain(starts) {
            match self.step(step, &name).await {
                Some(Ok(_)) => {}
                // A child that is left out is gone once it is down.
                Some(Err(CommandError::NotFound { .. })) if step == ReloadStep::Stop => {}
                Some(Err(error)) => self.fail(&name, error),
                None => self.fail(&name, self.has_ended_error()),
            }
        }
        for (path, answer) in std::mem::take(&mut self.nested) {
            match answer.await {
                Ok(Ok(below)) => self.told.add(below),
                Ok(Err(error)) => self.told.fail(path, error),
                // The nested supervisor has ended with this one.
                Err(_) if self.scope.has_ended() => self.told.fail(path, self.has_ended_error()),
                // If it is started again, then from its new declaration.
                Err(_) => {}
            }
        }
        replies.into_iter().for_each(|reply| reply.send(Ok(self.told.clone())));
    }

    fn fail(&mut self, name: &str, error: CommandError) {
        self.told.fail(self.scope.lineage().join(name), error);
    }

    fn has_ended_error(&self) -> CommandError {
        SupervisorHandle::has_ended_error(self.scope.lineage().to_string())
    }

    /// Carries out one step. Returns `None` if the supervisor has ended without an answer.
    async fn step(&self, step: ReloadStep, name: &str) -> Option<Result<Arc<str>, CommandError>> {
        let (reply, answer) = oneshot::channel();
        let operation = Operation::Step(step, self.number, Reply::new(reply));
        let (way, origin) = (Way::along(name), Origin::default());
        self.scope.command(Request { way, may_begin_at_root: false, operation, origin }.into());
        answer.await.ok()
    }
}
