//! The commands that the children of a tree are waiting for, so that none of them waits for itself.
//!
//! A child that awaits a command does nothing else meanwhile: it neither becomes ready nor ends. If the
//! command waits for that very child, directly or through other children that await commands, the answer
//! would never come. Engines enter here the children that an answer depends on. An entry that would close
//! a circle is refused, so there is never a circle.
//!
//! Only children whose handle comes from their own context are known here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::task;
use tokio_util::sync::CancellationToken;

use super::ChildId;
use crate::lineage::Lineage;

/// A child that gives a command through the handle of its own context.
pub(crate) struct Asker {
    /// The supervisor of the child.
    lineage: Lineage,
    name: Arc<str>,
    /// The child itself, and the supervisors above it, up to the one below the root.
    rungs: Vec<Rung>,
    /// `true` if the child itself awaits the command, and not a task that it has spawned.
    awaits: bool,
    /// `true` if the child has yet to report its readiness.
    is_unready: bool,
    /// `true` if the child has been asked to stop, so that its supervisor may wait for its end.
    must_end: AtomicBool,
}

/// A child with the facts about its supervisor, on the way from an asker up to the root.
pub(crate) struct Rung {
    pub(crate) scope: ScopeKey,
    pub(crate) child: ChildId,
    /// The token that is cancelled once the supervisor has been up.
    pub(crate) up: CancellationToken,
    /// `true` if the supervisor has been asked to stop.
    pub(crate) stopping: Arc<AtomicBool>,
}

/// The giver of a command, as far as it is known.
#[derive(Default)]
pub(crate) struct Origin {
    /// The task that the command was polled in first.
    pub(crate) task: Option<task::Id>,
    /// The child that the command was given by. It is gone once nobody waits for the answer.
    pub(crate) asker: Option<Weak<Asker>>,
}

impl Origin {
    /// Returns the child that the command was given by, unless nobody waits for the answer any more.
    pub(crate) fn asker(&self) -> Option<Arc<Asker>> {
        self.asker.as_ref()?.upgrade()
    }
}

/// An entry among the commands that children wait for, which is removed when this is dropped.
pub(crate) struct Entered {
    pub(crate) waits: Arc<Waits>,
    pub(crate) asker: Weak<Asker>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.waits.leave(&self.asker);
    }
}

/// A reason for which a command is not answered yet: the end or the start of children of one supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocker {
    /// This child has to end.
    End { scope: ScopeKey, child: ChildId },
    /// This child has to become ready.
    Ready { scope: ScopeKey, child: ChildId },
    /// All children that are being started have to become ready.
    AllReady { scope: ScopeKey },
}

/// The address of a scope, which identifies the scope as long as a command waits in its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScopeKey(usize);

impl ScopeKey {
    /// Returns the address of a scope.
    pub(crate) fn of<T>(scope: &T) -> Self {
        Self(std::ptr::from_ref(scope).addr())
    }
}

/// A child on the way from an asker up to the root: the asker itself, or a supervisor above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    scope: ScopeKey,
    child: ChildId,
    /// `true` if this child cannot become ready before the asker goes on.
    holds_up_start: bool,
}

/// The commands of one tree that children wait for.
#[derive(Default)]
pub(crate) struct Waits(Mutex<Vec<Wait>>);

struct Wait {
    /// The child that waits. The pointer is dangling once the child has stopped waiting.
    asker: Weak<Asker>,
    blockers: Vec<Blocker>,
}

impl Asker {
    /// Creates the child of the first of `rungs`, whose supervisor is at `lineage`.
    pub(crate) fn new(
        lineage: Lineage,
        name: Arc<str>,
        rungs: Vec<Rung>,
        awaits: bool,
        is_unready: bool,
        must_end: bool,
    ) -> Self {
        Self { lineage, name, rungs, awaits, is_unready, must_end: AtomicBool::new(must_end) }
    }

    /// Returns whether the child itself awaits the command.
    pub(crate) fn awaits(&self) -> bool {
        self.awaits
    }

    /// Notes that the child has been asked to stop.
    pub(crate) fn must_end(&self) {
        self.must_end.store(true, Ordering::Release);
    }

    /// Returns the path of the child.
    pub(crate) fn path(&self) -> String {
        self.lineage.join(&self.name)
    }

    /// Returns the child of the supervisor with this scope that is the asker, or that contains it.
    pub(crate) fn branch(&self, scope: ScopeKey) -> Option<ChildId> {
        self.rungs.iter().find(|rung| rung.scope == scope).map(|rung| rung.child)
    }

    /// Returns the asker and the supervisors above it, up to the one below the root.
    fn steps(&self) -> Vec<Step> {
        let mut holds_up_start = self.is_unready || self.must_end.load(Ordering::Acquire);
        let step = |rung: &Rung| {
            let step = Step { scope: rung.scope, child: rung.child, holds_up_start };
            // A supervisor that has been up once is ready, whatever happens below it, unless it has to
            // go down before it is started once more.
            holds_up_start = (holds_up_start && !rung.up.is_cancelled())
                || rung.stopping.load(Ordering::Acquire);
            step
        };
        self.rungs.iter().map(step).collect()
    }
}

impl Blocker {
    /// Returns whether the event that is waited for cannot happen before the child at the foot of these
    /// steps goes on.
    fn is_held_up_by(self, steps: &[Step]) -> bool {
        steps.iter().any(|step| match self {
            Self::End { scope, child } => step.scope == scope && step.child == child,
            Self::Ready { scope, child } => {
                step.scope == scope && step.child == child && step.holds_up_start
            }
            Self::AllReady { scope } => step.scope == scope && step.holds_up_start,
        })
    }
}

impl Waits {
    /// Enters what the answer to the command of `asker` depends on, in place of an earlier entry. Returns
    /// `false`, and enters nothing, if the asker would wait for itself.
    pub(crate) fn enter(&self, asker: &Weak<Asker>, now: &[Blocker], later: Vec<Blocker>) -> bool {
        let Some(waiting) = asker.upgrade() else { return true };
        if !waiting.awaits {
            return true;
        }
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|wait| wait.asker.strong_count() > 0 && !wait.asker.ptr_eq(asker));
        let mut others = Vec::with_capacity(waits.len());
        for wait in &*waits {
            if let Some(other) = wait.asker.upgrade() {
                others.push((other.steps(), &*wait.blockers));
            }
        }
        let steps = waiting.steps();
        let is_free = !closes_circle(&steps, now, &others);
        if is_free {
            waits.push(Wait { asker: Weak::clone(asker), blockers: later });
        }
        is_free
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Removes the entry of a command that has been answered.
    fn leave(&self, asker: &Weak<Asker>) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|wait| !wait.asker.ptr_eq(asker));
    }
}

/// Decides whether a child, the first of `steps`, would wait for itself if it waited for `blockers`.
/// The `others` wait for commands already.
fn closes_circle(steps: &[Step], blockers: &[Blocker], others: &[(Vec<Step>, &[Blocker])]) -> bool {
    let mut reached = vec![false; others.len()];
    let mut pending = blockers.to_vec();
    while let Some(blocker) = pending.pop() {
        if blocker.is_held_up_by(steps) {
            return true;
        }
        for ((other, blockers), reached) in others.iter().zip(&mut reached) {
            if !*reached && blocker.is_held_up_by(other) {
                *reached = true;
                pending.extend_from_slice(blockers);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: ScopeKey = ScopeKey(1);
    const INNER: ScopeKey = ScopeKey(2);

    fn id(number: usize) -> ChildId {
        ChildId::new(number)
    }

    fn end(child: usize) -> Blocker {
        Blocker::End { scope: ROOT, child: id(child) }
    }

    fn ready(child: usize) -> Blocker {
        Blocker::Ready { scope: ROOT, child: id(child) }
    }

    const ALL_READY: Blocker = Blocker::AllReady { scope: ROOT };

    /// A child of the root.
    fn child(number: usize, is_unready: bool) -> Vec<Step> {
        vec![Step { scope: ROOT, child: id(number), holds_up_start: is_unready }]
    }

    /// A child of the supervisor `number`, which holds up the start of that supervisor or not.
    fn below(number: usize, is_unready: bool, is_start_of_both: bool) -> Vec<Step> {
        let mut steps = vec![Step { scope: INNER, child: id(0), holds_up_start: is_unready }];
        steps.extend(child(number, is_start_of_both));
        steps
    }

    #[test]
    fn a_child_holds_up_its_own_end_and_its_start_until_it_is_ready() {
        let table = [
            // The asker, its blocker, and whether it waits for itself.
            (child(0, false), end(0), true),
            (child(0, false), end(1), false),
            (child(0, false), ready(0), false),
            (child(0, true), ready(0), true),
            (child(0, true), ready(1), false),
            (child(0, false), ALL_READY, false),
            (child(0, true), ALL_READY, true),
            // A supervisor ends after all that is below it.
            (below(0, false, false), end(0), true),
            (below(0, true, false), end(1), false),
            // A supervisor is ready when its children are, for the first time.
            (below(0, true, true), ready(0), true),
            (below(0, true, false), ready(0), false),
            (below(0, true, true), ALL_READY, true),
            (below(0, true, false), ALL_READY, false),
        ];
        for (asker, blocker, expected) in table {
            let found = closes_circle(&asker, &[blocker], &[]);
            assert_eq!(found, expected, "{asker:?} waits for {blocker:?}");
        }
    }

    #[test]
    fn a_circle_may_lead_through_others_that_wait() {
        let (a, b, c) = (child(0, false), child(1, false), below(2, false, false));
        let (of_b, of_c) = ([end(2)], [end(0)]);
        let others = [(b, &of_b[..]), (c, &of_c[..])];
        assert!(closes_circle(&a, &[end(1)], &others), "a, b, c, a");
        assert!(closes_circle(&a, &[end(2)], &others), "a, c, a");
        assert!(!closes_circle(&a, &[end(3)], &others));
        assert!(
            !closes_circle(&child(4, false), &[end(1)], &others),
            "nobody waits for this child"
        );
    }

    /// The search ends although the others, which may belong to children that have gone on, wait for each
    /// other.
    #[test]
    fn each_of_the_others_is_visited_once() {
        let of_both = [end(1), end(2)];
        let others = [(child(1, false), &of_both[..]), (child(2, false), &of_both[..])];
        assert!(!closes_circle(&child(0, false), &[end(1)], &others));
    }
}
