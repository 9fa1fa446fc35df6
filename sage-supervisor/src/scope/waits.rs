//! The commands that the children of a tree are waiting for, so that none of them waits for itself.
//!
//! A child that awaits a command does nothing else meanwhile: it neither becomes ready nor ends. If the
//! command waits for that very child, directly or through other children that await commands, the answer
//! would never come. Engines enter here the children that an answer depends on. An entry that would close
//! a circle is refused, so there is never a circle.
//!
//! Only children whose handle comes from their own context are known here.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
pub(crate) struct Waits(Mutex<State>);

/// Each wait is found by the children on the way up from its asker, so that a search visits those alone
/// that matter.
#[derive(Default)]
struct State {
    /// The waits by the addresses of their askers.
    waits: HashMap<AskerKey, Wait>,
    by_child: HashMap<(ScopeKey, ChildId), HashSet<AskerKey>>,
    by_scope: HashMap<ScopeKey, HashSet<AskerKey>>,
}

/// The address of an asker, which identifies the asker as long as its wait is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct AskerKey(usize);

struct Wait {
    /// The child that waits. The pointer is dangling once the child has stopped waiting.
    asker: Weak<Asker>,
    /// The places of the asker and of the supervisors above it.
    places: Vec<(ScopeKey, ChildId)>,
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

    /// Returns whether the child is known to have been asked to stop.
    pub(crate) fn has_to_end(&self) -> bool {
        self.must_end.load(Ordering::Acquire)
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
        let mut holds_up_start = self.is_unready || self.has_to_end();
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
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters what the answer to the command of `asker` depends on, in place of an earlier entry. Returns
    /// `false`, and enters nothing, if the asker would wait for itself.
    pub(crate) fn enter(&self, asker: &Weak<Asker>, now: &[Blocker], later: Vec<Blocker>) -> bool {
        let Some(waiting) = asker.upgrade().filter(|waiting| waiting.awaits) else { return true };
        let mut state = self.lock();
        state.remove(asker);
        let is_free = !state.closes_circle(&waiting.steps(), now);
        if is_free {
            let places = waiting.rungs.iter().map(|rung| (rung.scope, rung.child)).collect();
            state.add(Wait { asker: Weak::clone(asker), places, blockers: later });
        }
        is_free
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().waits.is_empty()
    }

    /// Removes the entry of a command that has been answered.
    fn leave(&self, asker: &Weak<Asker>) {
        self.lock().remove(asker);
    }
}

impl AskerKey {
    fn of(asker: &Weak<Asker>) -> Self {
        Self(asker.as_ptr().addr())
    }
}

impl State {
    fn add(&mut self, wait: Wait) {
        let key = AskerKey::of(&wait.asker);
        for &(scope, child) in &wait.places {
            self.by_child.entry((scope, child)).or_default().insert(key);
            self.by_scope.entry(scope).or_default().insert(key);
        }
        self.waits.insert(key, wait);
    }

    fn remove(&mut self, asker: &Weak<Asker>) {
        let key = AskerKey::of(asker);
        let Some(wait) = self.waits.remove(&key) else { return };
        for (scope, child) in wait.places {
            forget(&mut self.by_child, (scope, child), key);
            forget(&mut self.by_scope, scope, key);
        }
    }

    /// Returns whether a child, the first of `steps`, would wait for itself if it waited for `blockers`.
    fn closes_circle(&self, steps: &[Step], blockers: &[Blocker]) -> bool {
        let mut visited = HashSet::new();
        closes_circle(steps, blockers, |blocker| {
            let found = match blocker {
                Blocker::End { scope, child } | Blocker::Ready { scope, child } => {
                    self.by_child.get(&(scope, child))
                }
                Blocker::AllReady { scope } => self.by_scope.get(&scope),
            };
            let mut next = Vec::new();
            for key in found.into_iter().flatten() {
                let Some(wait) = self.waits.get(key).filter(|_| !visited.contains(key)) else {
                    continue;
                };
                let asker = wait.asker.upgrade();
                if asker.is_some_and(|asker| blocker.is_held_up_by(&asker.steps())) {
                    visited.insert(*key);
                    next.extend_from_slice(&wait.blockers);
                }
            }
            next
        })
    }
}

/// Removes `key` from one of the sets, and the set if nothing is left in it.
fn forget<K: Eq + Hash>(sets: &mut HashMap<K, HashSet<AskerKey>>, of: K, key: AskerKey) {
    if let Entry::Occupied(mut set) = sets.entry(of) {
        set.get_mut().remove(&key);
        if set.get().is_empty() {
            set.remove();
        }
    }
}

/// Decides whether a child, the first of `steps`, would wait for itself if it waited for `blockers`.
/// `behind` returns the blockers of the others that wait for commands and hold a blocker up, once for each
/// of the others.
fn closes_circle(
    steps: &[Step],
    blockers: &[Blocker],
    mut behind: impl FnMut(Blocker) -> Vec<Blocker>,
) -> bool {
    let mut pending = blockers.to_vec();
    while let Some(blocker) = pending.pop() {
        if blocker.is_held_up_by(steps) {
            return true;
        }
        pending.extend(behind(blocker));
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
            let found = closes_circle(&asker, &[blocker], |_| vec![]);
            assert_eq!(found, expected, "{asker:?} waits for {blocker:?}");
        }
    }

    /// Returns whether a child of the root closes a circle with these children, which wait for the ends of
    /// others.
    fn closes(number: usize, blocker: usize, others: &[(Vec<Step>, Vec<Blocker>)]) -> bool {
        let mut visited = vec![false; others.len()];
        closes_circle(&child(number, false), &[end(blocker)], |blocker| {
            let mut next = vec![];
            for ((steps, blockers), visited) in others.iter().zip(&mut visited) {
                if !*visited && blocker.is_held_up_by(steps) {
                    *visited = true;
                    next.extend_from_slice(blockers);
                }
            }
            next
        })
    }

    #[test]
    fn a_circle_may_lead_through_others_that_wait() {
        let others = [
            (child(1, false), vec![end(2)]),
            // This one is in the supervisor that the one before waits for.
            (below(2, false, false), vec![end(0)]),
        ];
        assert!(closes(0, 1, &others), "0, 1, 2, 0");
        assert!(closes(0, 2, &others), "0, 2, 0");
        assert!(!closes(0, 3, &others));
        assert!(!closes(4, 1, &others), "nobody waits for this child");
    }

    fn asker(child: usize) -> Arc<Asker> {
        let rung = Rung {
            scope: ROOT,
            child: id(child),
            up: CancellationToken::new(),
            stopping: Arc::default(),
        };
        let (lineage, name) = (Lineage::root(Arc::from("root")), Arc::from("a"));
        Arc::new(Asker::new(lineage, name, vec![rung], true, false, false))
    }

    #[test]
    fn a_wait_counts_until_it_is_answered_or_given_up() {
        let waits = Waits::default();
        let enter = |asker: &Arc<Asker>, child| {
            waits.enter(&Arc::downgrade(asker), &[end(child)], vec![end(child)])
        };
        let (first, second, third) = (asker(0), asker(1), asker(2));
        assert!(enter(&first, 1) && enter(&second, 2));
        assert!(!enter(&third, 0), "0, 1, 2, 0");
        // The second one waits for another child instead.
        assert!(enter(&second, 3) && enter(&third, 0));
        assert!(!enter(&second, 2));
        drop(first);
        assert!(enter(&second, 2), "the first one has given up");
        waits.leave(&Arc::downgrade(&second));
        waits.leave(&Arc::downgrade(&third));
        // The engine that holds the command of the first one answers it at last.
        assert!(!waits.is_empty());
    }
}
