//! One run of one supervisor, as everything below it sees it.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::mailbox::Mailbox;
use super::outcome::RunOutcome;
use super::request::Command;
use crate::child::id::ChildId;
use crate::child::{self, Instance, Leaving, Lineage, Uplink};
use crate::contain::contain;
use crate::error::SageResult;
use crate::event::{ChildEvent, Stream};
use crate::exit::Exit;
use crate::report::{Requester, ShutdownRequest};

/// What an engine is told.
pub(super) enum Message {
    /// The instance of this child has ended.
    Exit { child: ChildId, exit: Exit },
    /// That instance is ready; if it is a nested supervisor, all of its own have been started.
    Ready { child: ChildId, instance: u64 },
    /// That instance declines to run.
    Decline { child: ChildId, instance: u64 },
    /// Nothing is alive any more of that instance of this nested supervisor.
    Vacated { child: ChildId, instance: u64 },
    /// Something is asked for by hand.
    Command(Command),
    /// Stop all children in order, and end: for whoever asks, or, without that, for the parent.
    Stop(Option<Box<ShutdownRequest>>),
    /// Abort everything at once, and end.
    Kill,
}

/// One run of one supervisor, shared by its engine, its instances and its handles.
///
/// Invariants:
///
/// 1. *Occupants* are the engine and every instance below it that has not ended, at any depth: a
///    scope below counts as one until it is vacant itself.
/// 2. An instance leaves before its exit is told. So when an engine that has heard of all its exits
///    leaves, the scope is vacant, unless something it gave up on is still alive.
/// 3. Holding a scope keeps nothing alive: a leaked context or handle holds up nobody.
pub(crate) struct Scope {
    lineage: Lineage,
    above: Option<Above>,
    /// The tree's.
    stream: Arc<Stream>,
    mailbox: Mailbox<Message>,
    killed: AtomicBool,
    /// Whether it has been told to stop.
    stopping: AtomicBool,
    /// Cancelled once all children have been started, or it has ended.
    up: CancellationToken,
    /// Who was the first to kill it, unless that was done from above.
    killer: OnceLock<Requester>,
    occupants: AtomicUsize,
    vacated: CancellationToken,
    outcome: RunOutcome,
}

/// Where a nested supervisor hangs in its parent.
struct Above {
    scope: Arc<Scope>,
    child: ChildId,
    instance: u64,
}

impl Scope {
    /// The scope of a tree, with its engine as the first occupant.
    pub(super) fn root(lineage: Lineage) -> Arc<Self> {
        Self::new(lineage, None, Arc::default())
    }

    /// The scope of the nested supervisor that is the child `child` of `self`, as its instance `instance`.
    pub(super) fn nested(
        self: &Arc<Self>,
        lineage: Lineage,
        child: ChildId,
        instance: u64,
    ) -> Arc<Self> {
        self.enter();
        let above = Above { scope: Arc::clone(self), child, instance };
        Self::new(lineage, Some(above), Arc::clone(&self.stream))
    }

    fn new(lineage: Lineage, above: Option<Above>, stream: Arc<Stream>) -> Arc<Self> {
        Arc::new(Self {
            lineage,
            above,
            stream,
            mailbox: Mailbox::new(),
            killed: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            up: CancellationToken::new(),
            killer: OnceLock::new(),
            occupants: AtomicUsize::new(1),
            vacated: CancellationToken::new(),
            outcome: RunOutcome::new(),
        })
    }

    pub(super) fn mailbox(&self) -> &Mailbox<Message> {
        &self.mailbox
    }

    pub(super) fn is_nested(&self) -> bool {
        self.above.is_some()
    }

    pub(crate) fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// The stream of the whole tree.
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    /// Tells everybody who wants to know what happened to the child called `name`.
    pub(super) fn report(&self, name: &str, fact: &ChildEvent<'_>, at: Instant) {
        fact.emit(&self.stream, &self.lineage, name, at);
    }

    /// The scope of the whole tree.
    pub(crate) fn top(&self) -> &Self {
        self.with_those_above().last().unwrap_or(self)
    }

    /// Tells the engine. One that has ended needs no telling.
    fn tell(&self, message: Message) {
        // It may have a user's waker in it.
        if let Err(message) = self.mailbox.send(message) {
            let _ = contain(|| drop(message));
        }
    }

    /// The parent, and the name of this supervisor there.
    pub(crate) fn place(&self) -> Option<(Arc<Self>, String)> {
        let above = self.above.as_ref()?;
        Some((Arc::clone(&above.scope), self.lineage.name().to_owned()))
    }

    /// Hands a command to the engine. If that has ended, the command is dropped.
    pub(crate) fn command(&self, command: Command) {
        self.tell(Message::Command(command));
    }

    /// Asks for an orderly end; `None` is the parent.
    pub(crate) fn stop(&self, request: Option<ShutdownRequest>) {
        self.stopping.store(true, Ordering::Release);
        self.tell(Message::Stop(request.map(Box::new)));
    }

    /// From the moment this returns, no poll of a task below begins that had not begun before.
    pub(crate) fn kill(&self, by: Requester) {
        // The order may be seen before it is heard, so who gives it has to be known by then.
        if by != Requester::Parent {
            let _ = self.killer.set(by);
        }
        self.killed.store(true, Ordering::Release);
        self.tell(Message::Kill);
    }

    /// Who has killed this scope.
    pub(super) fn killer(&self) -> Requester {
        self.killer.get().cloned().unwrap_or(Requester::Parent)
    }

    /// Whether this scope or one above it has been killed. Supervisors are nested a few levels deep,
    /// so looking up is cheaper than telling every scope below.
    pub(super) fn is_killed(&self) -> bool {
        self.with_those_above().any(|scope| scope.killed.load(Ordering::Acquire))
    }

    fn with_those_above(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |scope| scope.above.as_ref().map(|above| &*above.scope))
    }

    /// Cancelled once all children have been started, or the supervisor has ended.
    pub(crate) fn up(&self) -> &CancellationToken {
        &self.up
    }

    /// Tells who waits, and the parent if there is one, that all children have been started.
    pub(super) fn tell_ready(&self) {
        // The wakers may be a user's.
        let _ = contain(|| self.up.cancel());
        if let Some(above) = &self.above {
            above.scope.tell(Message::Ready { child: above.child, instance: above.instance });
        }
    }

    fn enter(&self) {
        self.occupants.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn leave(&self) {
        // Pairs with itself: whoever sees the last occupant go sees all that the others did.
        if self.occupants.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        // The place above is left first: who sees this scope vacant may rely on that.
        if let Some(above) = &self.above {
            above.scope.leave();
        }
        // This runs wakers, which may be a user's.
        let _ = contain(|| self.vacated.cancel());
        if let Some(Above { scope, child, instance }) = &self.above {
            scope.tell(Message::Vacated { child: *child, instance: *instance });
        }
    }

    /// Tells what the supervisor has ended with; the first word counts.
    pub(crate) fn end(&self, result: SageResult<()>) {
        self.outcome.tell(&self.lineage, result);
        let _ = contain(|| self.up.cancel());
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.outcome.is_said()
    }

    /// How the supervisor has ended.
    pub(crate) fn outcome(&self) -> &RunOutcome {
        &self.outcome
    }

    /// Cancelled once nothing below is alive.
    pub(super) fn vacated(&self) -> &CancellationToken {
        &self.vacated
    }
}

impl Leaving for Scope {
    fn is_leaving(&self) -> bool {
        let told = |scope: &Self| {
            scope.killed.load(Ordering::Acquire) || scope.stopping.load(Ordering::Acquire)
        };
        self.with_those_above().any(told)
    }
}

/// What an instance says to its engine.
impl Uplink for Scope {
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    fn ready(&self, child: ChildId, instance: u64) {
        self.tell(Message::Ready { child, instance });
    }

    fn decline(&self, child: ChildId, instance: u64) {
        self.tell(Message::Decline { child, instance });
    }
}

/// Reports the exit of one child to its engine.
pub(super) struct Reporter(Arc<Scope>);

impl Reporter {
    pub(super) fn new(scope: &Arc<Scope>) -> Self {
        scope.enter();
        Self(Arc::clone(scope))
    }
}

impl child::Report for Reporter {
    type Label = ChildId;

    fn is_killed(&self) -> bool {
        self.0.is_killed()
    }

    fn ended(self, child: ChildId, exit: Exit) {
        self.0.leave();
        self.0.tell(Message::Exit { child, exit });
    }
}

// One word more, and every child takes 128 bytes more (see `Instance`).
const _: () = assert!(size_of::<Instance<Reporter>>() <= 3 * size_of::<usize>());

/// The same for a nested supervisor, and for what waits for a process. They are not dropped half way:
/// killed, they join what they have.
pub(super) struct JoiningReporter(pub(super) Reporter);

impl child::Report for JoiningReporter {
    type Label = ChildId;

    fn is_killed(&self) -> bool {
        false
    }

    fn ended(self, child: ChildId, exit: Exit) {
        self.0.ended(child, exit);
    }
}
