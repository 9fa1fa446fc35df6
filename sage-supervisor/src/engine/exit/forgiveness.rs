//! The restarts that an instance makes up for, because it was up for long.

use std::time::Duration;

use crate::backoff::Backoff;
use crate::engine::Engine;
use crate::scope::ChildId;

/// The restarts of a child that do not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Forgiven {
    /// The next delay of its backoff is the first one again.
    row: bool,
    /// The restarts so far count for no restart limit.
    limits: bool,
}

impl Engine {
    /// Forgives the restarts before an instance that has just ended, if it was up for long enough.
    #[cold]
    pub(super) fn forgive_ended(&mut self, child: ChildId) {
        let slot = &self.children[child];
        let up_for = slot.up_for(self.clock.moment());
        let backoff = slot.spec().backoff_setting().or(self.declaration.backoff.as_ref());
        let forgiven = forgiven(up_for, self.forgive_after(child), backoff);
        let record = self.children[child].record_mut();
        if forgiven.row {
            record.end_row();
        }
        if forgiven.limits {
            record.clear_limit();
            self.limit.forgive(|charged_to| charged_to == Some(child));
        }
    }
}

/// Decides on the restarts before an instance that was up for this time.
fn forgiven(
    up_for: Duration,
    forgive_after: Option<Duration>,
    backoff: Option<&Backoff>,
) -> Forgiven {
    let limits = forgive_after.is_some_and(|time| up_for >= time);
    Forgiven { row: limits || backoff.is_some_and(|backoff| backoff.forgives(up_for)), limits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_concerns_the_delays_alone_and_forgiveness_all() {
        const SECOND: Duration = Duration::from_secs(1);
        let (none, long) = (None, Some(SECOND * 9));
        let table = [
            (SECOND, none, none, [false, false]),
            (SECOND, Some(SECOND), none, [true, true]),
            (SECOND, none, Some(SECOND), [true, false]),
            (SECOND, long, Some(SECOND), [true, false]),
            (SECOND, Some(SECOND), long, [true, true]),
            (SECOND, long, long, [false, false]),
        ];
        for (up_for, forgive_after, reset_after, [row, limits]) in table {
            let backoff = reset_after.map(|time| Backoff::exponential(SECOND).reset_after(time));
            let found = forgiven(up_for, forgive_after, backoff.as_ref());
            assert_eq!(found, Forgiven { row, limits }, "{forgive_after:?} {reset_after:?}");
        }
    }
}
