//! The end of a supervisor with its significant children.

use crate::engine::Engine;
use crate::engine::children::Departure;
use crate::engine::phase::Phase;
use crate::error::{SageError, SignificantExit};
use crate::event::ChildEvent;
use crate::policy::AutoShutdown;
use crate::report::EndCause;
use crate::scope::ChildId;

impl Engine {
    /// Notes that a child has ended for good, by itself. Returns whether the child is significant. If
    /// so, its slot is kept until [`act_on_departures`](Self::act_on_departures).
    pub(super) fn note_departure(&mut self, child: ChildId) -> bool {
        let is_significant = self.children[child].spec().is_significant();
        if is_significant && !self.is_ahead(child) {
            self.children.depart(child);
        }
        is_significant
    }

    /// Ends the supervisor if the significant children that have departed in this turn require it.
    pub(crate) fn act_on_departures(&mut self) {
        // In nearly every turn there is none.
        let Some(mut departed) = self.children.take_departures() else { return };
        departed.retain(|departure| departure.child.is_none_or(|child| self.is_gone(child)));
        if let Some(first) = departed.first() {
            self.end_with_significant(first);
        }
        // The slots were kept until now, because the error of the supervisor may need the exits.
        for child in departed.into_iter().filter_map(|departure| departure.child) {
            self.remove_if_spent(child);
        }
    }

    /// Returns whether a departed child is still down and stays so. A command or a restart of its group
    /// may have started it in the turn of its exit.
    fn is_gone(&self, child: ChildId) -> bool {
        self.children[child].phase() == Phase::Down && !self.is_ahead(child)
    }

    fn end_with_significant(&mut self, departure: &Departure) {
        let is_any_left = || {
            // A child that is about to be started again has not ended for good.
            let is_left = |child| {
                self.children[child].spec().is_significant() && self.has_pending_start(child)
            };
            self.children.is_any_significant_alive() || self.children.all().any(is_left)
        };
        if self.is_ending() || !ends_with_significant(self.declaration.auto_shutdown, is_any_left) {
            return;
        }
        let fact = ChildEvent::AutoShutdown { exit: &departure.exit };
        self.scope.emit(&departure.name, &fact, self.clock.now());
        let lineage = self.scope.lineage();
        let path = lineage.join(&departure.name);
        if let Some(failure) = self.children.first_failure() {
            self.notes.fail(SageError::Significant(Box::new(SignificantExit {
                path: lineage.join(&failure.name),
                exit: failure.exit,
            })));
        }
        self.begin_ending(EndCause::Significant { path, exit: departure.exit.clone() });
        self.close();
    }
}

/// Decides whether the departure of a significant child ends its supervisor.
fn ends_with_significant(rule: AutoShutdown, is_any_left: impl FnOnce() -> bool) -> bool {
    match rule {
        AutoShutdown::Never => false,
        AutoShutdown::AnySignificant => true,
        AutoShutdown::AllSignificant => !is_any_left(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_departure_ends_the_supervisor_by_its_rule() {
        let table = [
            (AutoShutdown::Never, [false, false]),
            (AutoShutdown::AnySignificant, [true, true]),
            (AutoShutdown::AllSignificant, [false, true]),
        ];
        for (rule, expected) in table {
            let found =
                [true, false].map(|is_any_left| ends_with_significant(rule, || is_any_left));
            assert_eq!(found, expected, "{rule:?}, with others left and without");
        }
    }
}
