//! Significant children: whether the supervisor ends with them.

use std::sync::Arc;

use super::Engine;
use super::slot::Phase;
use crate::auto_shutdown::AutoShutdown;
use crate::child::id::ChildId;
use crate::error::{SageError, SignificantExit};
use crate::event::ChildEvent;
use crate::exit::Exit;
use crate::report::EndCause;

/// What is known in one run of its significant children that have ended for good.
#[derive(Default)]
pub(super) struct Departures {
    /// Those of this turn.
    now: Vec<Departure>,
    /// How many failures there have been.
    failures: u64,
    /// The first failure of one that has been removed since, and which of them that was.
    removed: Option<(u64, SignificantExit)>,
}

struct Departure {
    /// `None` if it was removed in the very turn in which it ended.
    child: Option<ChildId>,
    name: Arc<str>,
    exit: Exit,
}

impl Engine {
    /// A child has ended by itself and is not to be restarted by its own exit.
    pub(super) fn note_departure(&mut self, child: ChildId) {
        if !self.roster[child].spec.is_significant() || self.is_to_start(child) {
            return self.drop_if_spent(child);
        }
        let slot = &mut self.roster[child];
        let exit = slot.last_exit().cloned().expect("it has ended");
        if exit.is_failure() {
            self.departures.failures += 1;
            slot.record.failed_for_good(self.departures.failures);
        }
        let name = Arc::clone(&slot.name);
        self.departures.now.push(Departure { child: Some(child), name, exit });
    }

    /// A child is removed, and its id may be another's. That it has ended, and how, stays true.
    pub(super) fn disown(&mut self, child: ChildId) {
        for departure in &mut self.departures.now {
            departure.child.take_if(|departed| *departed == child);
        }
        if let Some(number) = self.roster[child].record.departure() {
            if self.departures.removed.as_ref().is_none_or(|(first, _)| number < *first) {
                self.departures.removed = Some((number, self.significant_exit(child)));
            }
        }
    }

    /// Ends the supervisor if those that have departed in this turn were what it is there for.
    pub(super) fn heed_departures(&mut self) {
        let mut departed = std::mem::take(&mut self.departures.now);
        departed.retain(|departure| departure.child.is_none_or(|child| self.is_gone(child)));
        if let Some(first) = departed.first() {
            self.end_with(first);
        }
        for child in departed.into_iter().filter_map(|departure| departure.child) {
            self.drop_if_spent(child);
        }
    }

    /// Not if it was started by hand in the turn in which it ended, or is started with its group.
    fn is_gone(&self, child: ChildId) -> bool {
        self.roster[child].phase == Phase::Down && !self.is_to_start(child)
    }

    fn end_with(&mut self, departure: &Departure) {
        let ends = match self.declaration.auto_shutdown {
            AutoShutdown::Never => false,
            _ if self.is_ending() => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => {
                let mut all = self.roster.from(self.roster.first());
                // One that is about to be started again has not ended for good.
                let left =
                    |child| self.roster[child].spec.is_significant() && self.is_waiting(child);
                self.significant == 0 && !all.any(left)
            }
        };
        if ends {
            let fact = ChildEvent::AutoShutdown { exit: &departure.exit };
            self.scope.report(&departure.name, &fact, self.clock.now());
            self.cause = self.first_failure().map(|failure| SageError::Significant(failure.into()));
            let path = self.scope.lineage().join(&departure.name);
            self.begin_ending(EndCause::Significant { path, exit: departure.exit.clone() });
            self.close();
        }
    }

    /// Of those that were not started again.
    fn first_failure(&mut self) -> Option<SignificantExit> {
        let failed = |child| Some((self.roster[child].record.departure()?, child));
        let listed = self.roster.from(self.roster.first()).filter_map(failed).min_by_key(|of| of.0);
        match (listed, self.departures.removed.take()) {
            (Some((number, child)), Some((first, _))) if number < first => {
                Some(self.significant_exit(child))
            }
            (_, Some((_, removed))) => Some(removed),
            (Some((_, child)), None) => Some(self.significant_exit(child)),
            (None, None) => None,
        }
    }

    fn significant_exit(&self, child: ChildId) -> SignificantExit {
        let slot = &self.roster[child];
        let exit = slot.last_exit().cloned().expect("it has failed");
        SignificantExit { path: self.scope.lineage().join(&slot.name), exit }
    }
}
