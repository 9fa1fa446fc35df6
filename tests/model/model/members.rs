//! The children of each supervisor: the declared ones, and those that are added and removed at run
//! time.

use super::{Child, Mode, Model, Phase, Until, Wish};
use crate::answers::{Answer, Note};
use crate::tree::RestartPolicy;

impl Model<'_> {
    pub(super) fn is_listed(&self, sup: usize, unit: usize) -> bool {
        self.runs[sup].order.contains(&unit)
    }

    /// The place of a child among its siblings.
    pub(super) fn place(&self, unit: usize) -> usize {
        let siblings = &self.runs[self.plan.units[unit].parent].order;
        siblings.iter().position(|&child| child == unit).expect("it is listed")
    }

    /// Rule 26: only the declared children are listed when a supervisor begins.
    pub(super) fn list_declared(&mut self, sup: usize) {
        let declared = self.plan.units[sup].children.clone();
        for &unit in &declared {
            self.list(unit);
        }
        self.runs[sup].order = declared;
    }

    /// Rule 28: adds a child as the last one in order.
    pub(super) fn add(&mut self, sup: usize, unit: usize) {
        self.list(unit);
        self.children[unit].added = true;
        self.runs[sup].order.push(unit);
    }

    fn list(&mut self, unit: usize) {
        let instance = self.children[unit].instance;
        self.children[unit] = Child { instance, ..Child::NEW };
    }

    /// Removes a child that is down. A procedure in progress goes on with the other children.
    pub(super) fn forget(&mut self, sup: usize, unit: usize) {
        let place = self.place(unit);
        self.answer_callers(unit, Until::Up, &Answer::NotRunning);
        self.forget_departed_child(sup, unit);
        let run = &mut self.runs[sup];
        // Rule 17: its restarts still count, and nothing makes up for them.
        let of_child = |charged: &&mut (u64, Option<usize>)| charged.1 == Some(unit);
        run.charged.iter_mut().filter(of_child).for_each(|charged| charged.1 = None);
        if run.awaited == Some(unit) {
            run.awaited = run.order.get(place + 1).copied();
        }
        run.order.remove(place);
        run.due.retain(|&due| due != unit);
        let shift = |at: usize| at - usize::from(place < at);
        run.mode = match run.mode {
            Mode::Starting(next) => Mode::Starting(shift(next)),
            Mode::Restarting { root, at } => Mode::Restarting { root: shift(root), at: shift(at) },
            Mode::Closing(at) => Mode::Closing(shift(at)),
            mode => mode,
        };
        // Rule 16: without any member left, the group is not being restarted any more. Its wait is
        // over (rule 21), and an exit in this turn is charged and delayed like any other.
        if matches!(run.mode, Mode::Restarting { root, .. } if root == run.order.len()) {
            run.hold = None;
            run.mode = Mode::Starting(run.order.len());
        }
    }

    /// Returns whether a child that has ended for good is removed at once: an added temporary child
    /// (rule 3), and any child of a dynamic supervisor (rule 28).
    pub(super) fn leaves_nothing_behind(&self, sup: usize, unit: usize) -> bool {
        let temporary = self.plan.units[unit].policy == RestartPolicy::Temporary;
        let dynamic = self.plan.units[sup].settings.dynamic.is_some();
        self.children[unit].added && (temporary || dynamic)
    }

    /// Removes a child that has ended for good, unless its group will start it again.
    pub(super) fn drop_if_spent(&mut self, sup: usize, unit: usize) {
        // A child that is to be restarted by hand has not ended for good.
        let over = self.children[unit].phase == Phase::Down
            && self.children[unit].wish != Wish::Start
            && !self.is_to_start(sup, unit)
            && !self.is_ending(sup);
        if over && self.leaves_nothing_behind(sup, unit) {
            self.notes.push(Note::Spent);
            self.forget(sup, unit);
        }
    }

    /// Returns whether no child is alive.
    pub(super) fn all_down(&self, sup: usize) -> bool {
        self.runs[sup].order.iter().all(|&child| self.children[child].phase == Phase::Down)
    }

    /// Rule 25: the removal of the last child keeps its supervisor up.
    pub(super) fn forget_by_hand(&mut self, sup: usize, unit: usize) {
        self.forget(sup, unit);
        self.runs[sup].kept |= self.all_down(sup);
    }
}
