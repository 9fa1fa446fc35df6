//! One run of one supervisor, as everything below it sees it.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::id::ChildId;
use super::request::Request;
use crate::child::{Lineage, Report, Uplink};
use crate::contain::contain;
use crate::error::SageResult;
use crate::event::{Fact, Stream};
use crate::exit::Exit;

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
    Command(Box<Request>),
    /// Stop all children in order, and end.
    Stop,
    /// Abort everything at once, and end.
    Kill,
}

pub(super) type Inbox = mpsc::UnboundedReceiver<Message>;

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
    mailbox: mpsc::UnboundedSender<Message>,
    killed: AtomicBool,
    occupants: AtomicUsize,
    vacated: CancellationToken,
    /// What the supervisor has ended with, once it has.
    ending: watch::Sender<Option<SageResult<()>>>,
}

/// Where a nested supervisor hangs in its parent.
struct Above {
    scope: Arc<Scope>,
    child: ChildId,
    instance: u64,
}

impl Scope {
    /// The scope of a tree, with its engine as the first occupant.
    pub(super) fn root(lineage: Lineage) -> (Arc<Self>, Inbox) {
        Self::new(lineage, None, Arc::default())
    }

    /// The scope of the nested supervisor that is the child `child` of `self`, as its instance `instance`.
    pub(super) fn nested(
        self: &Arc<Self>,
        lineage: Lineage,
        child: ChildId,
        instance: u64,
    ) -> (Arc<Self>, Inbox) {
        self.enter();
        let above = Above { scope: Arc::clone(self), child, instance };
        Self::new(lineage, Some(above), Arc::clone(&self.stream))
    }

    fn new(lineage: Lineage, above: Option<Above>, stream: Arc<Stream>) -> (Arc<Self>, Inbox) {
        let (mailbox, inbox) = mpsc::unbounded_channel();
        let scope = Self {
            lineage,
            above,
            stream,
            mailbox,
            killed: AtomicBool::new(false),
            occupants: AtomicUsize::new(1),
            vacated: CancellationToken::new(),
            ending: watch::Sender::new(None),
        };
        (Arc::new(scope), inbox)
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
    pub(super) fn report(&self, name: &str, fact: &Fact<'_>) {
        fact.emit(&self.stream, &self.lineage, name);
    }

    /// The scope of the whole tree.
    pub(crate) fn top(&self) -> &Self {
        let mut scope = self;
        while let Some(above) = &scope.above {
            scope = &above.scope;
        }
        scope
    }

    /// Tells the engine. One that has ended needs no telling.
    fn tell(&self, message: Message) {
        let _ = self.mailbox.send(message);
    }

    /// The parent, and the name of this supervisor there.
    pub(crate) fn place(&self) -> Option<(Arc<Self>, String)> {
        let above = self.above.as_ref()?;
        Some((Arc::clone(&above.scope), self.lineage.name().to_owned()))
    }

    /// Hands a command to the engine. If that has ended, the command is dropped.
    pub(crate) fn command(&self, request: Request) {
        self.tell(Message::Command(Box::new(request)));
    }

    pub(crate) fn stop(&self) {
        self.tell(Message::Stop);
    }

    /// From the moment this returns, no poll of a task below begins that had not begun before.
    pub(crate) fn kill(&self) {
        self.killed.store(true, Ordering::Release);
        self.tell(Message::Kill);
    }

    /// Whether this scope or one above it has been killed. Supervisors are nested a few levels deep,
    /// so looking up is cheaper than telling every scope below.
    pub(super) fn is_killed(&self) -> bool {
        let mut scope = self;
        loop {
            if scope.killed.load(Ordering::Acquire) {
                return true;
            }
            let Some(above) = &scope.above else { return false };
            scope = &above.scope;
        }
    }

    /// Tells the parent, if there is one, that all children have been started.
    pub(super) fn tell_ready(&self) {
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
        // The wakers may be a user's.
        let _ = contain(|| {
            self.ending.send_if_modified(|ending| {
                let first = ending.is_none();
                ending.get_or_insert(result);
                first
            })
        });
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ending.borrow().is_some()
    }

    pub(crate) fn ending(&self) -> watch::Receiver<Option<SageResult<()>>> {
        self.ending.subscribe()
    }

    /// Cancelled once nothing below is alive.
    pub(super) fn vacated(&self) -> &CancellationToken {
        &self.vacated
    }
}

/// What one instance says to its engine.
pub(crate) struct Line {
    pub(super) scope: Arc<Scope>,
    pub(super) child: ChildId,
    pub(super) instance: u64,
}

impl Line {
    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }
}

impl Uplink for Line {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn lineage(&self) -> &Lineage {
        &self.scope.lineage
    }

    fn ready(&self) {
        self.scope.tell(Message::Ready { child: self.child, instance: self.instance });
    }

    fn decline(&self) {
        self.scope.tell(Message::Decline { child: self.child, instance: self.instance });
    }
}

/// Reports the exit of one child to its engine.
pub(super) struct Reporter {
    scope: Arc<Scope>,
    child: ChildId,
    /// Neither a nested supervisor nor what waits for a process is dropped half way: killed, it joins
    /// what it has.
    is_task: bool,
}

impl Reporter {
    pub(super) fn new(scope: &Arc<Scope>, child: ChildId, is_task: bool) -> Self {
        scope.enter();
        Self { scope: Arc::clone(scope), child, is_task }
    }
}

impl Report for Reporter {
    fn is_killed(&self) -> bool {
        self.is_task && self.scope.is_killed()
    }

    fn ended(self, exit: Exit) {
        self.scope.leave();
        self.scope.tell(Message::Exit { child: self.child, exit });
    }
}
