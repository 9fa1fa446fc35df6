//! The children that the answer to a command waits for, so that no child waits for itself.

use std::sync::{Arc, Weak};

use super::queue::{Queue, queue};
use crate::command::CommandError;
use crate::engine::Engine;
use crate::engine::children::{Roster, Until};
use crate::engine::phase::Phase;
use crate::engine::view::Refusal;
use crate::scope::{Asker, Blocker, ChildId, Entered, Origin, Reply, ScopeKey};

/// The children that an answer depends on.
#[derive(Default)]
pub(crate) struct Blockers {
    /// The children that hold it up now.
    now: Vec<Blocker>,
    /// The children that hold it up now, or may do so later.
    later: Vec<Blocker>,
}

impl Blockers {
    /// Adds the end of a child.
    pub(crate) fn and_end(mut self, scope: ScopeKey, child: ChildId) -> Self {
        self.now.push(Blocker::End { scope, child });
        self
    }
}

impl Engine {
    fn queue_state(&self) -> Queue {
        // Children that start together do not wait for each other.
        let is_together = self.declaration.start_order.is_together();
        let last = self.last_started().filter(|_| !is_together);
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
        if !self.declaration.start_order.is_together() {
            later.push(Blocker::AllReady { scope });
        }
        Blockers { now, later }
    }

    /// Returns what a command waits for that needs the end of a living child. A giver that is known by
    /// its task alone waits for nothing else than that child, which is asked for apart.
    #[inline]
    pub(crate) fn until_down(&self, child: ChildId, origin: &Origin) -> Blockers {
        if origin.asker.is_none() {
            return Blockers::default();
        }
        let end = vec![Blocker::End { scope: self.scope.key(), child }];
        Blockers { now: end.clone(), later: end }
    }

    /// Adds the start of a child to what is waited for. Only a child of the tree can wait for itself.
    pub(crate) fn and_ready(
        &self,
        mut blockers: Blockers,
        child: ChildId,
        origin: &Origin,
    ) -> Blockers {
        if origin.asker.is_some() {
            blockers.later.push(Blocker::Ready { scope: self.scope.key(), child });
        }
        blockers
    }

    /// Returns whether the giver of a command is this child, or is in it.
    #[inline]
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

    /// Returns what the next change of the state of a child waits for.
    pub(crate) fn until_changed(&self, child: ChildId) -> Blockers {
        let Blockers { now, .. } = self.until_up(child, &self.queue());
        Blockers { now, later: Vec::new() }
    }

    /// Checks that the giver of a command about `path` may wait for its answer now. Nothing is noted: a
    /// child is free to wait for whatever happens to its siblings, because it is answered as soon as it
    /// is asked to stop.
    pub(crate) fn may_wait_once(
        &self,
        origin: &Origin,
        blockers: &Blockers,
        path: impl FnOnce() -> String,
    ) -> Result<(), CommandError> {
        self.may_wait(origin, blockers, path)?;
        if let Some(asker) = &origin.asker {
            let waits = Arc::clone(self.scope.waits());
            drop(Entered { waits, asker: Weak::clone(asker) });
        }
        Ok(())
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
        let entered = origin.asker.as_ref().map(|asker| self.enter(asker, blockers.later));
        self.children.answer_when(child, until, reply, origin.task, entered);
    }

    #[cold]
    fn enter(&self, asker: &Weak<Asker>, later: Vec<Blocker>) -> Entered {
        let waits = Arc::clone(self.scope.waits());
        // The check has been made, and nothing is held up by the child alone.
        waits.enter(asker, &[], later);
        Entered { waits, asker: Weak::clone(asker) }
    }

    /// Looks again at the commands that wait for a start, if that may wait for more children than before.
    /// Commands that would now wait for their own givers are answered at once, and go on all the same.
    #[inline]
    pub(crate) fn review_waits(&mut self) {
        if self.children.has_callers() {
            self.review_callers();
        } else if self.reviewed.has_due() {
            self.reviewed.take_due();
        }
    }

    fn review_callers(&mut self) {
        let queue = self.queue_state();
        let due = self.reviewed.take_due();
        if self.reviewed.is_outgrown_by(queue) {
            let queue = self.queue();
            let mut next = self.children.first();
            while let Some(child) = next {
                next = self.children.after(child);
                self.review_callers_of(child, &queue);
            }
        } else if !due.is_empty() {
            let queue = self.queue();
            for child in due {
                // A command in the same turn may have removed the child.
                if self.children.contains(child) {
                    self.review_callers_of(child, &queue);
                }
            }
        }
    }

    fn review_callers_of(&mut self, child: ChildId, queue: &Blockers) {
        if !self.children[child].is_start_awaited() {
            return;
        }
        let blockers = self.until_up(child, queue);
        let error = self.refusal(child, Refusal::Restarting);
        let waits = Arc::clone(self.scope.waits());
        self.children.answer_some(child, &error, |children, origin| match &origin.asker {
            Some(asker) => !waits.enter(asker, &blockers.now, blockers.later.clone()),
            None => waits_for_task(children, origin, &blockers.now).is_some(),
        });
    }

    /// Returns what a start of this child waits for that a command has asked for before.
    fn until_up(&self, child: ChildId, queue: &Blockers) -> Blockers {
        let phase = self.children[child].phase();
        let goes_down = matches!(phase, Phase::Stopping | Phase::Killed | Phase::Unresponsive);
        let mut blockers = Blockers::default();
        if goes_down {
            let end = Blocker::End { scope: self.scope.key(), child };
            blockers.now.push(end);
            blockers.later.push(end);
        }
        if self.is_ahead(child) {
            blockers.now.extend(&queue.now);
            blockers.later.extend(&queue.later);
        }
        if phase == Phase::Starting {
            blockers.now.push(Blocker::Ready { scope: self.scope.key(), child });
        }
        blockers.later.push(Blocker::Ready { scope: self.scope.key(), child });
        blockers
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
    use tokio::sync::oneshot;

    use super::*;
    use crate::child::Declaration;
    use crate::scope::Why;
    use crate::{ChildSpec, RestartConfig, Strategy};

    /// A look at all children would make the cost of a stop grow with their number.
    #[tokio::test(start_paused = true)]
    async fn a_stop_looks_at_the_callers_of_its_child_alone() {
        for (until, expected) in [(Until::Down, false), (Until::Up, true)] {
            let mut declaration = Declaration::new(Strategy::OneForOne, RestartConfig::default());
            let idle =
                |name: &str| Arc::new(ChildSpec::new(name, async |ctx| ctx.cancelled().await));
            declaration.children.extend([idle("a"), idle("b")]);
            let mut engine = Engine::root(Arc::new(declaration));
            engine.advance();
            let child = engine.children.first().expect("the supervisor has a child");
            let (reply, _answer) = oneshot::channel();
            let reply = Reply::new(reply);
            engine.children.answer_when(child, until, reply, None, None);
            engine.stop(child, Why::StopByHand);
            assert_eq!(engine.reviewed.has_due(), expected, "{until:?}");
            let queue = engine.queue_state();
            assert!(!engine.reviewed.is_outgrown_by(queue), "{until:?}");
            engine.review_waits();
            assert!(!engine.reviewed.has_due(), "{until:?}");
            engine.children.answer(child, until, None);
        }
    }
}
