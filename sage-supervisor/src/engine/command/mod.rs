//! The commands of callers: dispatched here, or handed on to a nested supervisor.

mod admission;
mod lifecycle;

use std::sync::Arc;

use super::Engine;
use super::children::Body;
use crate::child::{Command, Operation, Request, Start};
use crate::command::CommandError;
use crate::scope::ChildId;

impl Engine {
    /// Carries a command out, or hands it on to the supervisor that it is for.
    pub(crate) fn command(&mut self, command: Command) {
        match command {
            Command::Start { spec, is_shared, reply } => {
                self.start_by_hand(Start { name: None, spec, is_shared }, reply);
            }
            Command::Request(request) => self.request(*request),
        }
    }

    fn request(&mut self, mut request: Request) {
        let Some(name) = request.path.pop() else {
            return self.request_here(request.operation);
        };
        // Each engine on the way knows its own children only, so the path is resolved name by name.
        let Some(child) = self.children.find(&name) else {
            return request.operation.refuse(CommandError::NotFound);
        };
        if request.path.is_empty() && request.operation.is_for_a_child() {
            self.request_of_child(child, request.operation);
        } else {
            self.hand_on(child, request);
        }
    }

    /// Carries out an operation on this supervisor.
    fn request_here(&mut self, operation: Operation) {
        match operation {
            Operation::Start(start, reply) => self.start_by_hand(start, reply),
            Operation::Children(reply) => self.queries.ask_children(reply),
            Operation::Count(reply) => self.queries.ask_count(reply),
            Operation::Collect(collectors) => self.queries.ask_snapshot(collectors),
            for_a_child => for_a_child.refuse(CommandError::NotFound),
        }
    }

    /// Carries out an operation on a child.
    fn request_of_child(&mut self, child: ChildId, operation: Operation) {
        match operation {
            Operation::Stop(reply) => self.stop_by_hand(child, reply),
            Operation::Restart(reply) => self.restart_by_hand(child, reply),
            Operation::Remove(reply) => {
                let removed = self.remove_by_hand(child);
                reply.send(removed);
            }
            Operation::Look(reply) => reply.send(Ok(self.status(child))),
            Operation::Spec(reply) => reply.send(Ok(Arc::clone(self.children[child].spec()))),
            Operation::Start(..)
            | Operation::Children(_)
            | Operation::Count(_)
            | Operation::Collect(_) => unreachable!("these are for a supervisor"),
        }
    }

    /// Hands a request on to the nested supervisor that the child is.
    fn hand_on(&self, child: ChildId, request: Request) {
        let slot = &self.children[child];
        match (slot.body(), slot.spec().kind()) {
            (Some(Body::Supervisor(scope)), _) => scope.command(request.into()),
            (_, kind) if !kind.is_supervisor() => request.operation.refuse(CommandError::NotFound),
            _ if self.has_pending_start(child) => {
                request.operation.refuse(CommandError::Restarting);
            }
            _ => request.operation.refuse(CommandError::NotRunning),
        }
    }
}
