//! The child that a start waits for, in order or together with its siblings.

use crate::engine::Engine;
use crate::engine::mode::Mode;
use crate::scope::ChildId;

impl Engine {
    /// Returns the child whose start has to be over before the present procedure goes on: in order it is
    /// the one before the next. Together, nobody waits before all are started, and each of them then.
    pub(super) fn awaited_start(&mut self) -> Option<ChildId> {
        let Mode::Starting { next } = self.mode else { return None };
        if !self.declaration.start_order.is_together() {
            return self.last_started().filter(|&last| self.children[last].is_starting());
        }
        if next.is_some() {
            return None;
        }
        // A child that has started once is not waited for again, so all looks together are one walk.
        let mut candidate = self.awaited.or(self.children.first());
        while let Some(child) = candidate.filter(|&child| !self.children[child].is_starting()) {
            candidate = self.children.after(child);
            self.awaited = candidate.or(Some(child));
        }
        candidate
    }

    /// Returns the child that was started last, in the mode [`Starting`](Mode::Starting).
    pub(super) fn last_started(&self) -> Option<ChildId> {
        match self.mode {
            Mode::Starting { next } => {
                next.map_or(self.children.last(), |next| self.children.before(next))
            }
            _ => None,
        }
    }

    /// Returns whether the present start cannot go on before this child has started.
    pub(crate) fn holds_up_start(&self, child: ChildId) -> bool {
        let is_due = match self.declaration.start_order.is_together() {
            true => matches!(self.mode, Mode::Starting { .. }),
            false => self.last_started() == Some(child),
        };
        is_due && self.children[child].is_starting()
    }
}
