//! Significant children: whether the supervisor ends with them.

use std::sync::Arc;

use super::Engine;
use super::id::ChildId;
use super::slot::Plan;
use crate::auto_shutdown::AutoShutdown;
use crate::error::{SageError, SignificantExit};
use crate::event::Fact;
use crate::exit::Exit;

/// What is known in one run of its significant children that have ended for good.
#[derive(Default)]
pub(super) struct Departures {
    /// Those of this turn.
    now: Vec<Departure>,
    /// The failures among them, the first one first, and whose they are.
    failures: Vec<(Option<ChildId>, SignificantExit)>,
}

struct Departure {
    /// `None` if it was removed in the very turn in which it ended.
    child: Option<ChildId>,
    name: Arc<str>,
    exit: Exit,
}

impl Departures {
    /// A child is started again: it has not ended for good.
    pub(super) fn forget(&mut self, child: ChildId) {
        self.now.retain(|departure| departure.child != Some(child));
        self.failures.retain(|(failed, _)| *failed != Some(child));
    }

    /// A child is removed, and its id may be another's. That it has ended, and how, stays true.
    pub(super) fn disown(&mut self, child: ChildId) {
        for departure in &mut self.now {
            departure.child.take_if(|departed| *departed == child);
        }
        if let Some(own) = self.failures.iter().position(|(failed, _)| *failed == Some(child)) {
            self.failures[own].0 = None;
            // Nothing can undo this one, so none that came later is ever the first.
            self.failures.truncate(own + 1);
        }
    }

    fn add_failure(&mut self, child: ChildId, failure: SignificantExit) {
        if self.failures.last().is_none_or(|(failed, _)| failed.is_some()) {
            self.failures.push((Some(child), failure));
        }
    }
}

impl Engine {
    /// A child has ended by itself and is not to be restarted by its own exit.
    pub(super) fn note_departure(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        if !slot.spec.is_significant() || self.is_to_start(child) {
            return self.drop_if_spent(child);
        }
        let exit = slot.last_exit.clone().expect("it has ended");
        if exit.is_failure() {
            let path = self.scope.lineage().join(&slot.name);
            self.departures.add_failure(child, SignificantExit { path, exit: exit.clone() });
        }
        let name = Arc::clone(&slot.name);
        self.departures.now.push(Departure { child: Some(child), name, exit });
    }

    /// Ends the supervisor if those that have departed in this turn were what it is there for.
    pub(super) fn heed_departures(&mut self) {
        let mut departed = std::mem::take(&mut self.departures.now);
        // A restart of their group that was decided in this turn starts them again.
        departed.retain(|departure| departure.child.is_none_or(|child| !self.is_to_start(child)));
        if let Some(first) = departed.first() {
            self.end_with(first);
        }
        for child in departed.into_iter().filter_map(|departure| departure.child) {
            self.drop_if_spent(child);
        }
    }

    fn end_with(&mut self, departure: &Departure) {
        let ends = match self.declaration.auto_shutdown {
            AutoShutdown::Never => false,
            _ if self.is_ending() => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => {
                let mut rest = self.roster.from(self.to_start());
                let left = |child| {
                    let slot = &self.roster[child];
                    let stays = slot.plan == Plan::Stay || self.stays_removed(child);
                    slot.spec.is_significant() && !stays
                };
                self.significant == 0 && !rest.any(left)
            }
        };
        if ends {
            self.scope.report(&departure.name, &Fact::AutoShutdown { exit: &departure.exit });
            let failure = self.departures.failures.drain(..).next();
            self.cause = failure.map(|(_, failure)| SageError::Significant(Box::new(failure)));
            self.close();
        }
    }
}
