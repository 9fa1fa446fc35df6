//! The admission of children that are added at run time.

use std::sync::Arc;

use crate::child::{ChildSpec, Kind, Scope, Start};
use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::children::Until;
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::engine::procedure::Blockers;
use crate::error::{InvalidTree, InvalidTreeKind};
use crate::scope::{ChildId, Origin, Reply};

impl Engine {
    /// Adds a child and starts it, or queues it behind the children that are being started.
    pub(super) fn start_by_hand(&mut self, mut start: Start, reply: Reply, origin: &Origin) {
        if self.children.has_reservations() {
            self.make_way(start.place.take());
        }
        let name = match self.admit(&start) {
            Ok(name) => name,
            Err(error) => return reply.send(Err(error)),
        };
        // In the other modes the procedure under way starts the child, as the last one.
        let queue = if self.mode == Mode::Running { Blockers::default() } else { self.queue() };
        if self.mode != Mode::Running {
            let path = || self.scope.lineage().join(&name);
            if let Err(error) = self.may_wait(origin, &queue, path) {
                return reply.send(Err(error));
            }
        }
        // The child has a slot from here on, even if it is not started yet, so a second start under
        // this name is refused.
        let child = self.children.add_by_hand(name, start.spec);
        match self.mode {
            Mode::Starting { next: None } => self.mode = Mode::Starting { next: Some(child) },
            Mode::Running => self.start(child),
            _ => {}
        }
        let slot = &self.children[child];
        if slot.phase() == Phase::Up {
            // Most children are up at once, so their callers need not be noted.
            reply.send(Ok(Arc::clone(slot.name())));
        } else {
            let blockers = self.and_ready(queue, child, origin);
            self.answer_when(child, Until::Up, reply, origin, blockers);
        }
    }

    /// Returns the name under which a child may be started now.
    fn admit(&mut self, start: &Start) -> Result<Arc<str>, CommandError> {
        if self.is_ending() {
            return Err(self.is_ending_error());
        }
        let spec = &start.spec;
        let name: Arc<str> = match (&start.name, &self.declaration.dynamic) {
            (Some(name), _) => Arc::from(name.as_str()),
            (None, None) => spec.shared_name(),
            (None, Some(dynamic)) => self.children.generate_name(spec.name(), dynamic.partition),
        };
        self.validate(start, &name)?;
        let max_children = self.declaration.dynamic.as_ref().map(|dynamic| dynamic.max_children);
        let is_new =
            start.name.is_none() && max_children.is_some() && self.children.is_generated_name_new();
        if start.name.is_some() {
            self.belongs_here(&name)?;
            self.children.note_given_name();
        }
        // A dynamic supervisor would otherwise build an index of all its children at the first
        // start. A generated name needs no lookup as long as nobody has given a name that looks
        // like one.
        let present = if is_new { None } else { self.children.find(&name) };
        match (present, max_children) {
            (Some(present), _) => Err(self.exists(present)),
            (None, Some(max_children)) if !self.children.has_room(max_children) => {
                Err(self.has_no_room_error(max_children))
            }
            (None, _) => Ok(name),
        }
    }

    /// Checks that a given name is not that of a child in another partition.
    fn belongs_here(&self, name: &str) -> Result<(), CommandError> {
        let partition = self.declaration.dynamic.as_ref().and_then(|dynamic| dynamic.partition);
        match partition.and_then(|partition| partition.other_home_of(name)) {
            Some(partition) => {
                let path = self.scope.lineage().join(name);
                Err(CommandError::OtherPartition { path, partition })
            }
            None => Ok(()),
        }
    }

    /// Returns the error of a start under the name of this child.
    fn exists(&self, present: ChildId) -> CommandError {
        let path = self.path_of(present);
        match self.children[present].phase() {
            Phase::Starting | Phase::Up => CommandError::AlreadyRunning { path },
            _ => CommandError::AlreadyExists { path, state: self.state(present) },
        }
    }

    /// Checks a child by the rules of a declaration.
    fn validate(&self, start: &Start, name: &Arc<str>) -> Result<(), CommandError> {
        let (spec, lineage) = (&start.spec, self.scope.lineage());
        let written = start.name.as_deref().unwrap_or(spec.name());
        self.declaration
            .validate_child(lineage, name, written, spec, start.is_shared)
            .map_err(CommandError::Invalid)?;
        if runs_elsewhere(spec, |_| false) {
            let (path, kind) = (lineage.join(name), InvalidTreeKind::ListedTwice);
            return Err(CommandError::Invalid(InvalidTree { path, kind }));
        }
        if start.is_shared && spec.starts_once() {
            return Err(CommandError::StartsOnce { path: lineage.join(name) });
        }
        Ok(())
    }
}

/// Returns whether a spec contains a dynamic supervisor that is running already. A run that `is_to_end`
/// before the start does not count.
pub(super) fn runs_elsewhere(spec: &ChildSpec, is_to_end: impl Fn(&Scope) -> bool + Copy) -> bool {
    let Kind::Supervisor(declaration) = spec.kind() else { return false };
    let run = declaration.dynamic.as_ref().and_then(|dynamic| dynamic.current_run.get());
    run.is_some_and(|run| !run.vacated().is_cancelled() && !is_to_end(&run))
        || declaration.children.iter().any(|child| runs_elsewhere(child, is_to_end))
}
