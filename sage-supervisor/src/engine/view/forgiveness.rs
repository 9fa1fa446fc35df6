//! The restarts that a living instance makes up for, because it has been up for long.

use std::time::Duration;

use crate::engine::Engine;
use crate::engine::phase::Phase;
use crate::scope::ChildId;

impl Engine {
    /// Returns how long an instance of the child has to be up for the restarts before it to be
    /// forgiven; `None` if they are never forgiven.
    pub(crate) fn forgive_after(&self, child: ChildId) -> Option<Duration> {
        self.children[child].spec().forgive_after_setting().or(self.declaration.forgive_after)
    }

    /// Returns whether the restarts before the present instance of the child are forgiven.
    pub(crate) fn is_forgiven(&self, child: ChildId) -> bool {
        let slot = &self.children[child];
        // The end of an instance decides once and for all. An instance that does not end is not up.
        matches!(slot.phase(), Phase::Up | Phase::Stopping)
            && self
                .forgive_after(child)
                .is_some_and(|time| slot.up_for(self.clock.moment()) >= time)
    }
}
