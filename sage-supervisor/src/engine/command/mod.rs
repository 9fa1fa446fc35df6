//! The commands of callers: dispatched here, or handed on to a nested supervisor.

mod admission;
mod kill;
mod lifecycle;
mod reload;
mod replace;
mod reserve;
mod watch;

use std::sync::Arc;

use super::Engine;
use super::children::Body;
use crate::child::{Command, Operation, Request, Start};
use crate::command::{CommandError, SupervisorState};
use crate::scope::{ChildId, Origin, split_first_name};

impl Engine {
    /// Carries a command out, or hands it on to the supervisor that it is for.
    pub(crate) fn command(&mut self, command: Command) {
        match command {
            Command::Start { spec, is_shared, reply, task } => {
                let origin = Origin { task, asker: None };
                let start = Start { name: None, spec, is_shared, place: None };
                self.start_by_hand(start, reply, &origin);
            }
            Command::Request(request) => self.request(*request),
        }
    }

    fn request(&mut self, mut request: Request) {
        let Some(rest) = request.way.rest() else {
            return self.request_here(request);
        };
        let (name, below) = split_first_name(rest);
        // Only the first name of a path may be that of the root.
        let may_begin_at_root = std::mem::take(&mut request.may_begin_at_root);
        // Each engine on the way knows its own children only, so the path is resolved name by name.
        let found = self.children.find(name);
        let is_for_a_child = below.is_none() && request.operation.is_for_a_child();
        match found {
            Some(child) if is_for_a_child => self.request_of_child(child, request),
            Some(child) if self.children[child].spec().kind().is_supervisor() => {
                request.way.pass();
                self.hand_on(child, request);
            }
            // A child of the root's name comes first, unless it cannot be meant.
            _ if may_begin_at_root && *name == *self.scope.top().lineage().name() => {
                request.way.pass();
                self.begin_at_root(request);
            }
            // A superfluous slash is the mistake that is told.
            Some(child) if !below.is_some_and(|below| below.split('/').any(str::is_empty)) => {
                let path = self.path_of(child);
                request.operation.refuse(CommandError::NotASupervisor { path });
            }
            _ => {
                let supervisor = self.scope.lineage().to_string();
                let path = format!("{supervisor}/{rest}");
                request.operation.refuse(CommandError::NotFound { path, supervisor });
            }
        }
    }

    /// Carries out a command whose path began with the name of the root.
    fn begin_at_root(&mut self, request: Request) {
        if self.scope.is_nested() {
            self.scope.top().command(request.into());
        } else {
            self.request(request);
        }
    }

    /// Carries out an operation on this supervisor.
    fn request_here(&mut self, request: Request) {
        match request.operation {
            Operation::Start(start, reply) => self.start_by_hand(*start, reply, &request.origin),
            Operation::Reserve { reply, waits } => self.reserve(reply, waits),
            Operation::Release => self.release_place(),
            Operation::Children(reply) => self.queries.ask_children(reply),
            Operation::Count(reply) => self.queries.ask_count(reply),
            Operation::Collect(collectors) => self.queries.ask_snapshot(collectors),
            Operation::Reload { declared, handed_on, reply } => {
                self.reload_by_hand(declared, handed_on, reply, &request.origin);
            }
            Operation::Review => self.reviewed.set_due(),
            for_a_child => {
                let path = self.scope.lineage().to_string();
                for_a_child.refuse(CommandError::NotAChild { path });
            }
        }
    }

    /// Carries out an operation on a child.
    fn request_of_child(&mut self, child: ChildId, request: Request) {
        match request.operation {
            Operation::Stop(reply) => self.stop_by_hand(child, reply, &request.origin),
            Operation::Kill(reply) => self.kill_by_hand(child, reply, &request.origin),
            Operation::Fail(error, reply) => {
                self.inject_failure(child, error, reply, &request.origin);
            }
            Operation::Restart(reply) => self.restart_by_hand(child, reply, &request.origin),
            Operation::Replace(start, reply) => {
                self.replace_by_hand(child, &start, reply, &request.origin);
            }
            Operation::Remove(reply) => {
                let removed = self.remove_by_hand(child);
                reply.send(removed);
            }
            Operation::Look(reply) => reply.send(Ok(self.status(child))),
            Operation::Spec(reply) => reply.send(Ok(Arc::clone(self.children.next_spec(child)))),
            Operation::Step(step, number, reply) => self.reload_step(child, step, number, reply),
            Operation::AwaitEnd(reply) => self.await_end(child, reply, &request.origin),
            Operation::AwaitState(condition, reply) => {
                self.await_state(child, condition, reply, &request.origin);
            }
            Operation::Start(..)
            | Operation::Reserve { .. }
            | Operation::Release
            | Operation::Reload { .. }
            | Operation::Children(_)
            | Operation::Count(_)
            | Operation::Collect(_)
            | Operation::Review => unreachable!("these are for a supervisor"),
        }
    }

    /// Hands a request on to the nested supervisor that the child is.
    fn hand_on(&self, child: ChildId, request: Request) {
        if let Some(Body::Supervisor(scope)) = self.children[child].body() {
            return scope.command(request.into());
        }
        let path = self.path_of(child);
        request.operation.refuse(if self.has_pending_start(child) {
            CommandError::Restarting { path }
        } else if self.is_ending() {
            self.is_ending_error()
        } else {
            CommandError::NotRunning { path, state: SupervisorState::Down }
        });
    }
}
