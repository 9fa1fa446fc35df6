//! Children that are added at run time.

use std::sync::Arc;

use super::request::{Reply, Start};
use super::scope::Scope;
use super::slot::{Phase, Until};
use super::{Engine, Mode};
use crate::child::{ChildSpec, Kind};
use crate::command::CommandError;
use crate::error::{InvalidTree, InvalidTreeKind};

/// The numbers that names are made of.
#[derive(Default)]
pub(super) struct Numbers {
    last: u64,
    /// Where a name is written, before it has a place of its own.
    text: String,
}

impl Numbers {
    fn next(&mut self, name: &str) -> Arc<str> {
        self.last += 1;
        self.text.clear();
        self.text.push_str(name);
        self.text.push('-');
        push_number(&mut self.text, self.last);
        Arc::from(self.text.as_str())
    }
}

/// As `write!`, without what that does to find out that there is nothing to pad.
fn push_number(text: &mut String, number: u64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

impl Engine {
    pub(super) fn start_by_hand(&mut self, start: Start, reply: Reply) {
        let name = match self.admit(&start) {
            Ok(name) => name,
            Err(error) => return reply.send(Err(error)),
        };
        let child = self.roster.add_last(Arc::clone(&name), start.spec);
        if let Some(names) = &mut self.names {
            names.insert(name, child);
        }
        let slot = &mut self.roster[child];
        slot.is_added = true;
        slot.by_hand = true;
        match self.mode {
            Mode::Starting { next: None } => self.mode = Mode::Starting { next: Some(child) },
            Mode::Running => self.start(child),
            // It is the last of those that the procedure under way starts.
            _ => {}
        }
        let slot = &self.roster[child];
        if slot.phase == Phase::Up {
            // As most are at once: there is nothing to wait for.
            reply.send(Ok(Arc::clone(&slot.name)));
        } else {
            self.tell_when(child, Until::Up, reply);
        }
    }

    /// The name under which a child may be started now.
    fn admit(&mut self, start: &Start) -> Result<Arc<str>, CommandError> {
        if self.is_ending() {
            return Err(CommandError::NotRunning);
        }
        let spec = &start.spec;
        let name: Arc<str> = match (&start.name, &self.declaration.dynamic) {
            (Some(name), _) => Arc::from(name.as_str()),
            (None, None) => spec.shared_name(),
            (None, Some(_)) => self.new_name(spec.name()),
        };
        let lineage = self.scope.lineage();
        let written = start.name.as_deref().unwrap_or(spec.name());
        self.declaration
            .validate_child(lineage, &name, written, spec, start.is_shared)
            .map_err(CommandError::Invalid)?;
        if Self::runs_elsewhere(spec) {
            let path = lineage.join(&name);
            let invalid = InvalidTree { path, kind: InvalidTreeKind::ListedTwice };
            return Err(CommandError::Invalid(invalid));
        }
        if start.is_shared && spec.starts_once() {
            return Err(CommandError::StartsOnce);
        }
        let room = self.declaration.dynamic.as_ref().map(|dynamic| dynamic.max_children);
        // A generated name is new, unless somebody gave one like it; then it is refused.
        let is_new =
            self.names.is_none() && start.name.is_none() && room.is_some() && !self.has_given_names;
        self.has_given_names |= start.name.is_some();
        let present = if is_new { None } else { self.find(&name) };
        match present.map(|present| self.roster[present].phase) {
            Some(Phase::Starting | Phase::Up) => Err(CommandError::AlreadyRunning),
            Some(_) => Err(CommandError::AlreadyExists),
            None if room.is_some_and(|room| self.roster.len() >= room) => {
                Err(CommandError::MaxChildren)
            }
            None => Ok(name),
        }
    }

    /// A name nobody has. Only one that was given by hand can be in the way of a number.
    fn new_name(&mut self, name: &str) -> Arc<str> {
        // It never goes back, so that nobody who gave many such names is asked for all of them again.
        self.numbers.last = self.numbers.last.max(self.roster.added());
        loop {
            let name = self.numbers.next(name);
            if !self.has_given_names || self.find(&name).is_none() {
                return name;
            }
        }
    }

    /// Whether a spec has a dynamic supervisor in it that runs already.
    fn runs_elsewhere(spec: &ChildSpec) -> bool {
        let Kind::Supervisor(declaration) = spec.kind() else { return false };
        let run = declaration.dynamic.as_ref().and_then(|dynamic| dynamic.current_run.ask());
        let scope = run.and_then(|run| run.downcast::<Scope>().ok());
        scope.is_some_and(|scope| !scope.vacated().is_cancelled())
            || declaration.children.iter().any(|child| Self::runs_elsewhere(child))
    }
}
