//! Significant children: whether the supervisor ends with them.

use super::Engine;
use super::id::ChildId;
use crate::auto_shutdown::AutoShutdown;
use crate::error::{SageError, SignificantExit};
use crate::event::Fact;

impl Engine {
    /// A child has ended by itself and is not to be restarted by its own exit.
    pub(super) fn note_departure(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        let exit = slot.last_exit.as_ref().filter(|exit| exit.is_failure());
        if !slot.spec.is_significant() || self.is_to_start(child) {
            return self.drop_if_spent(child);
        }
        if let (Some(exit), None) = (exit, &self.significant_failure) {
            let path = self.scope.lineage().join(&slot.name);
            let failure = SignificantExit { path, exit: exit.clone() };
            self.significant_failure = Some((self.roster.rank(child), failure));
        }
        self.departed.push(child);
    }

    /// Ends the supervisor if those that have departed in this turn were what it is there for.
    pub(super) fn heed_departures(&mut self) {
        let mut departed = std::mem::take(&mut self.departed);
        // A restart of their group that was decided in this turn starts them again.
        departed.retain(|&child| !self.is_to_start(child));
        self.end_with(&departed);
        for child in departed {
            self.drop_if_spent(child);
        }
    }

    fn end_with(&mut self, departed: &[ChildId]) {
        let Some(&child) = departed.first() else { return };
        let ends = match self.declaration.auto_shutdown {
            AutoShutdown::Never => false,
            _ if self.is_ending() => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => {
                let mut rest = self.roster.from(self.to_start());
                let left =
                    |child| self.roster[child].spec.is_significant() && !self.stays_removed(child);
                self.significant == 0 && !rest.any(left)
            }
        };
        if ends {
            let exit = self.roster[child].last_exit.clone().expect("it has ended");
            self.tell(child, &Fact::AutoShutdown { exit: &exit });
            let failure = self.significant_failure.take().map(|(_, failure)| Box::new(failure));
            self.cause = failure.map(SageError::Significant);
            self.close();
        }
    }

    /// A child is started again, so its failure is not for good.
    pub(super) fn forget_departure(&mut self, child: ChildId) {
        let rank = self.roster.rank(child);
        self.significant_failure.take_if(|(failed, _)| *failed == rank);
    }
}
