//! The children that the answer to a command waits for, so that no child waits for itself.

use std::sync::{Arc, Weak};

use crate::child::{Entered, Origin};
use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::children::{Roster, Until};
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::engine::view::Refusal;
use crate::scope::{Blocker, ChildId, Reply};

/// The wait of a start that the present procedure carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queue {
    /// Nothing is waited for.
    Open,
    /// The child that is being started has to become ready first.
    BehindStart(ChildId),
    /// The child that is being started goes down first, and is then started once more.
    BehindStop(ChildId),
    /// The members of the group have to go down first, from `at` back to `root`.
    BehindGroup { root: ChildId, at: ChildId },
}

/// Decides what a start by the present procedure waits for. `last` is the child that was started last,
/// with its phase, if the procedure waits for it.
fn queue(mode: Mode, last: Option<(ChildId, Phase)>) -> Queue {
    match (mode, last) {
        (Mode::Restarting { root, at }, _) => Queue::BehindGroup { root, at },
        (Mode::Starting { .. }, Some((last, Phase::Starting))) => Queue::BehindStart(last),
        (Mode::Starting { .. }, Some((last, phase))) if phase != Phase::Down => {
            Queue::BehindStop(last)
        }
        _ => Queue::Open,
    }
}

/// The children that an answer depends on.
#[derive(Default)]
pub(crate) struct Blockers {
    /// The children that hold it up now.
    now: Vec<Blocker>,
    /// The children that hold it up now, or may do so later.
    later: Vec<Blocker>,
}

impl Engine {
    /// Returns what the start of a child waits for if the present procedure carries it out.
    pub(crate) fn queue(&self) -> Blockers {
        let last = match self.mode {
            Mode::Starting { next } => {
                next.map_or(self.children.last(), |next| self.children.before(next))
            }
            _ => None,
        };
        let waits_for = last.filter(|&last| self.children[last].is_starting());
        let queue = queue(self.mode, waits_for.map(|last| (last, self.children[last].phase())));
        let scope = self.scope.key();
        let now = match queue {
            Queue::Open => Vec::new(),
            Queue::BehindStart(child) => vec![Blocker::Ready { scope, child }],
            Queue::BehindStop(child) => vec![Blocker::End { scope, child }],
            Queue::BehindGroup { root, at } => {
                let to_root = std::iter::successors(Some(at), |&child| {
                    if child == root { None } else { self.children.before(child) }
                });
                let alive = to_root.filter(|&child| self.children[child].phase() != Phase::Down);
                alive.map(|child| Blocker::End { scope, child }).collect()
            }
        };
        let mut later = now.clone();
        // The children that the procedure starts meanwhile have to become ready as well.
        later.push(Blocker::AllReady { scope });
        Blockers { now, later }
    }

    /// Returns what the end of a living child waits for.
    pub(crate) fn until_down(&self, child: ChildId) -> Blockers {
        let end = vec![Blocker::End { scope: self.scope.key(), child }];
        Blockers { now: end.clone(), later: end }
    }

    /// Adds the start of a child to what is waited for.
    pub(crate) fn and_ready(&self, mut blockers: Blockers, child: ChildId) -> Blockers {
        blockers.later.push(Blocker::Ready { scope: self.scope.key(), child });
        blockers
    }

    /// Returns whether the giver of a command is this child, or is in it.
    pub(crate) fn is_given_by(&self, origin: &Origin, child: ChildId) -> bool {
        match origin.asker() {
            Some(asker) => asker.branch(self.scope.key()) == Some(child),
            None => is_task(&self.children, origin, child),
        }
    }

    /// Checks that the giver of a command about `path` may wait for its answer.
    pub(crate) fn may_wait(
        &self,
        origin: &Origin,
        blockers: &Blockers,
        path: impl FnOnce() -> String,
    ) -> Result<(), CommandError> {
        let caller = match &origin.asker {
            Some(asker) => {
                let later = blockers.later.clone();
                let is_free = self.scope.waits().enter(asker, &blockers.now, later);
                (!is_free).then(|| asker.upgrade().map(|asker| asker.path())).flatten()
            }
            None => waits_for_task(&self.children, origin, &blockers.now)
                .map(|caller| self.path_of(caller)),
        };
        match caller {
            Some(caller) => Err(CommandError::WaitsForCaller { path: path(), caller }),
            None => Ok(()),
        }
    }

    /// Answers the giver of a command once the child is up or down.
    pub(crate) fn answer_when(
        &mut self,
        child: ChildId,
        until: Until,
        reply: Reply,
        origin: &Origin,
        blockers: Blockers,
    ) {
        let entered = origin.asker.as_ref().map(|asker| {
            let waits = Arc::clone(self.scope.waits());
            // The check has been made, and nothing is held up by the child alone.
            waits.enter(asker, &[], blockers.later);
            Entered { waits, asker: Weak::clone(asker) }
        });
        self.children.answer_when(child, until, reply, origin.task, entered);
    }

    /// Looks again at the commands that wait for children of the group that is being restarted: some of
    /// their givers may have to go down first. These are answered at once.
    pub(crate) fn review_waits(&mut self) {
        if !self.children.has_callers() {
            return;
        }
        let Some(first) = self.mode.first_to_start() else { return };
        let queue = self.queue();
        let scope = self.scope.key();
        let mut next = Some(first);
        while let Some(child) = next {
            next = self.children.after(child);
            if !self.children[child].has_callers() {
                continue;
            }
            let error = self.refusal(child, Refusal::Restarting);
            let mut later = queue.later.clone();
            later.push(Blocker::Ready { scope, child });
            let waits = Arc::clone(self.scope.waits());
            self.children.answer_some(child, &error, |children, origin| match &origin.asker {
                Some(asker) => !waits.enter(asker, &queue.now, later.clone()),
                None => waits_for_task(children, origin, &queue.now).is_some(),
            });
        }
    }
}

/// Returns the child among `blockers` whose own task has given the command. A handle that does not come
/// from a context tells nothing else about its user.
fn waits_for_task(children: &Roster, origin: &Origin, blockers: &[Blocker]) -> Option<ChildId> {
    origin.task?;
    let children_of = blockers.iter().filter_map(|blocker| match blocker {
        Blocker::End { child, .. } | Blocker::Ready { child, .. } => Some(*child),
        Blocker::AllReady { .. } => None,
    });
    children_of.into_iter().find(|&child| is_task(children, origin, child))
}

/// Returns whether the command was given by the task of this child.
fn is_task(children: &Roster, origin: &Origin, child: ChildId) -> bool {
    let task = children.get(child).and_then(|slot| slot.body()?.task());
    task.is_some() && task == origin.task
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_waits_for_what_the_procedure_waits_for() {
        let (first, second) = (ChildId::new(0), ChildId::new(1));
        let starting = Mode::Starting { next: Some(second) };
        let restarting = Mode::Restarting { root: first, at: second };
        let group = Queue::BehindGroup { root: first, at: second };
        let table = [
            (Mode::Running, None, Queue::Open),
            (Mode::Starting { next: None }, None, Queue::Open),
            (starting, None, Queue::Open),
            (starting, Some(Phase::Starting), Queue::BehindStart(first)),
            (starting, Some(Phase::Stopping), Queue::BehindStop(first)),
            (starting, Some(Phase::Killed), Queue::BehindStop(first)),
            // The child is about to be started once more.
            (starting, Some(Phase::Down), Queue::Open),
            (restarting, None, group),
            (Mode::Closing { at: None }, None, Queue::Open),
        ];
        for (mode, last, expected) in table {
            let found = queue(mode, last.map(|phase| (first, phase)));
            assert_eq!(found, expected, "{mode:?}, {last:?}");
        }
    }
}
