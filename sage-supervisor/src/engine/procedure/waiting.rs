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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Nothing is waited for.
    #[default]
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

impl Queue {
    /// Returns whether `later`, the next state of the queue, can wait for a child that waits for a command
    /// itself, and was not waited for before. The beginning of a group restart is noted apart.
    fn is_outgrown_by(self, later: Self) -> bool {
        match (self, later) {
            (_, Self::Open) => false,
            // The group that goes down gets smaller.
            (_, Self::BehindGroup { .. }) => false,
            // The child before the group may have been restarted, and not be ready.
            (Self::BehindGroup { .. }, Self::BehindStart(_)) => true,
            // The child has just been started, and has given no command yet.
            (_, Self::BehindStart(_)) => false,
            (before, Self::BehindStop(_)) => before != later,
        }
    }
}

/// The last look at the commands that wait for a start.
#[derive(Default)]
pub(crate) struct Reviewed {
    queue: Queue,
    /// `true` if something has happened that can add to what they wait for.
    is_due: bool,
}

impl Reviewed {
    pub(crate) fn set_due(&mut self) {
        self.is_due = true;
    }

    fn take_due(&mut self) -> bool {
        std::mem::take(&mut self.is_due)
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
    fn queue_state(&self) -> Queue {
        let last = match self.mode {
            Mode::Starting { next } => {
                next.map_or(self.children.last(), |next| self.children.before(next))
            }
            _ => None,
        };
        let waits_for = last.filter(|&last| self.children[last].is_starting());
        queue(self.mode, waits_for.map(|last| (last, self.children[last].phase())))
    }

    /// Returns what the start of a child waits for if the present procedure carries it out.
    pub(crate) fn queue(&self) -> Blockers {
        let scope = self.scope.key();
        let now = match self.queue_state() {
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

    /// Looks again at the commands that wait for a start, if that may wait for more children than before.
    /// Commands that would now wait for their own givers are answered at once, and go on all the same.
    pub(crate) fn review_waits(&mut self) {
        if !self.children.has_callers() {
            return;
        }
        let queue = self.queue_state();
        let is_due = self.reviewed.take_due() || self.reviewed.queue.is_outgrown_by(queue);
        self.reviewed.queue = queue;
        if !is_due {
            return;
        }
        let queue = self.queue();
        let mut next = self.children.first();
        while let Some(child) = next {
            next = self.children.after(child);
            if !self.children[child].has_callers() {
                continue;
            }
            let blockers = self.until_up(child, &queue);
            let error = self.refusal(child, Refusal::Restarting);
            let waits = Arc::clone(self.scope.waits());
            self.children.answer_some(child, &error, |children, origin| match &origin.asker {
                Some(asker) => !waits.enter(asker, &blockers.now, blockers.later.clone()),
                None => waits_for_task(children, origin, &blockers.now).is_some(),
            });
        }
    }

    /// Returns what a start of this child waits for that a command has asked for before.
    fn until_up(&self, child: ChildId, queue: &Blockers) -> Blockers {
        let phase = self.children[child].phase();
        let goes_down = matches!(phase, Phase::Stopping | Phase::Killed | Phase::Unresponsive);
        let mut blockers = if goes_down { self.until_down(child) } else { Blockers::default() };
        if self.is_ahead(child) {
            blockers.now.extend(&queue.now);
            blockers.later.extend(&queue.later);
        }
        if phase == Phase::Starting {
            blockers.now.push(Blocker::Ready { scope: self.scope.key(), child });
        }
        self.and_ready(blockers, child)
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
