//! The scope of one run of one supervisor: what its engine, its instances and its handles share.

mod id;
mod mailbox;
mod message;
mod outcome;
mod place;
mod request;
mod verdict;
mod waits;
mod why;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::mailbox::Mailbox;
use self::outcome::RunOutcome;
use crate::contain::contain;
use crate::error::{SageError, SageResult};
use crate::event::{ChildEvent, Stream};
use crate::lineage::Lineage;
use crate::report::{EndCause, Requester, ShutdownRequest};

pub(crate) use self::id::ChildId;
pub(crate) use self::message::Message;
pub(crate) use self::place::{HoldsPlaces, Place};
pub(crate) use self::request::{
    Collector, Collectors, Command, Operation, ReloadStep, Reply, Request, Start, Way,
    split_first_name,
};
pub(crate) use self::verdict::Verdict;
pub(crate) use self::waits::{Asker, Blocker, Entered, Origin, ScopeKey};
use self::waits::{Rung, Waits};
pub(crate) use self::why::{FirstWhy, Why};

/// The scope of one run of one supervisor: it is shared by its engine, its instances and its handles.
///
/// `S` is the spec of a child that a command starts. The scope passes it on and knows nothing of it.
///
/// Invariants:
///
/// 1. The *occupants* of a scope are the engine and every instance below it that has not ended, at
///    any depth: a nested scope counts as one occupant until it is vacant itself.
/// 2. An instance leaves the scope before its exit is reported. When an engine leaves after it has
///    received all exits, the scope is therefore vacant, unless an unresponsive instance is alive.
/// 3. A reference to a scope keeps nothing alive: a leaked context or handle delays nobody.
pub(crate) struct Scope<S> {
    lineage: Lineage,
    above: Option<Above<S>>,
    /// The event stream of the whole tree.
    stream: Arc<Stream>,
    /// The commands that children of the whole tree wait for.
    waits: Arc<Waits>,
    mailbox: Mailbox<Message<S>>,
    killed: AtomicBool,
    /// The first request to stop: `Some(None)` if the parent has asked.
    stop: OnceLock<Option<Box<ShutdownRequest>>>,
    /// `true` if a thread or a process was started here or below.
    in_real_time: AtomicBool,
    /// The reason for which the parent stops this supervisor.
    why: FirstWhy,
    /// The moment at which the parent kills what is left of this supervisor, if it has set one.
    stop_deadline: Mutex<Option<Instant>>,
    /// The cause of the end of this supervisor, once it ends.
    end_cause: OnceLock<Box<EndCause>>,
    /// The child whose exit has led to the last restart of a group.
    restarted_for: Mutex<Option<Arc<str>>>,
    /// The error with which a child ends the whole tree. The scope of the root keeps it.
    failure: OnceLock<SageError>,
    /// The time at which the last member of a wave of kills has ended. The scope of the root keeps it
    /// for the whole tree.
    last_killed: Mutex<Option<Instant>>,
    /// `true` if a stop has been requested, here or by the parent.
    stopping: Arc<AtomicBool>,
    /// The number of threads of the runtime on which the run began.
    threads: usize,
    /// Cancelled once all children have been started, or the supervisor has ended.
    up: CancellationToken,
    /// The first requester of a kill; empty if the parent killed the supervisor.
    killer: OnceLock<Requester>,
    occupants: AtomicUsize,
    vacated: CancellationToken,
    outcome: RunOutcome,
}

/// The place of a nested supervisor in its parent.
struct Above<S> {
    scope: Arc<Scope<S>>,
    child: ChildId,
    instance: u64,
}

impl<S> Scope<S> {
    /// Creates the scope of a tree, with its engine as the first occupant.
    pub(crate) fn root(lineage: Lineage) -> Arc<Self> {
        Self::new(lineage, None, Arc::default(), Arc::default())
    }

    /// Creates the scope of a nested supervisor, which is an instance of `child`. It occupies `self`.
    pub(crate) fn nested(
        self: &Arc<Self>,
        lineage: Lineage,
        child: ChildId,
        instance: u64,
    ) -> Arc<Self> {
        self.enter();
        let above = Above { scope: Arc::clone(self), child, instance };
        Self::new(lineage, Some(above), Arc::clone(&self.stream), Arc::clone(&self.waits))
    }

    fn new(
        lineage: Lineage,
        above: Option<Above<S>>,
        stream: Arc<Stream>,
        waits: Arc<Waits>,
    ) -> Arc<Self> {
        let threads = above.as_ref().map_or_else(threads, |above| above.scope.threads);
        Arc::new(Self {
            lineage,
            above,
            stream,
            waits,
            mailbox: Mailbox::new(),
            killed: AtomicBool::new(false),
            stop: OnceLock::new(),
            in_real_time: AtomicBool::new(false),
            why: FirstWhy::default(),
            stop_deadline: Mutex::default(),
            end_cause: OnceLock::new(),
            restarted_for: Mutex::default(),
            failure: OnceLock::new(),
            last_killed: Mutex::new(None),
            stopping: Arc::default(),
            threads,
            up: CancellationToken::new(),
            killer: OnceLock::new(),
            occupants: AtomicUsize::new(1),
            vacated: CancellationToken::new(),
            outcome: RunOutcome::new(),
        })
    }

    pub(crate) fn mailbox(&self) -> &Mailbox<Message<S>> {
        &self.mailbox
    }

    pub(crate) fn is_nested(&self) -> bool {
        self.above.is_some()
    }

    pub(crate) fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// Returns the event stream of the whole tree.
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        &self.stream
    }

    /// Returns the address of this scope.
    pub(crate) fn key(&self) -> ScopeKey {
        ScopeKey::of(self)
    }

    /// Returns `child` and the supervisors above it, up to the one below the root.
    pub(crate) fn rungs(&self, child: ChildId) -> Vec<Rung> {
        let first = Some((child, self));
        let way = std::iter::successors(first, |(_, scope)| {
            scope.above.as_ref().map(|above| (above.child, &*above.scope))
        });
        way.map(|(child, scope)| Rung {
            scope: scope.key(),
            child,
            up: scope.up.clone(),
            stopping: Arc::clone(&scope.stopping),
        })
        .collect()
    }

    /// Asks this supervisor and all above it to look again at the commands that children wait for: a
    /// child, or this supervisor, has been asked to stop.
    pub(crate) fn request_review(&self) {
        if self.waits.is_empty() {
            return;
        }
        for scope in self.ancestors_and_self() {
            scope.command(Request::to_engine(Operation::Review).into());
        }
    }

    /// Returns the commands that children of the whole tree wait for.
    pub(crate) fn waits(&self) -> &Arc<Waits> {
        &self.waits
    }

    /// Tells all subscribers what happened to the child called `name`.
    pub(crate) fn emit(&self, name: &str, event: &ChildEvent<'_>, at: Instant) {
        event.emit(&self.stream, &self.lineage, name, at);
    }

    /// Returns the scope of the whole tree.
    pub(crate) fn top(&self) -> &Self {
        self.ancestors_and_self().last().unwrap_or(self)
    }

    /// Returns the scope of the root.
    pub(crate) fn root_of(self: &Arc<Self>) -> Arc<Self> {
        let mut scope = self;
        while let Some(above) = &scope.above {
            scope = &above.scope;
        }
        Arc::clone(scope)
    }

    /// Sends a message to the engine. If the engine has ended, the message is dropped.
    #[inline]
    pub(crate) fn tell(&self, message: Message<S>) {
        // A command in the message holds a waker of the user's, which may panic when it is woken.
        if let Err(message) = self.mailbox.send(message) {
            let _ = contain(|| drop(message));
        }
    }

    /// Returns the scope of the parent, and the name of this supervisor there.
    pub(crate) fn place(&self) -> Option<(Arc<Self>, String)> {
        let above = self.above.as_ref()?;
        Some((Arc::clone(&above.scope), self.lineage.name().to_owned()))
    }

    /// Sends a command to the engine. If the engine has ended, the command is dropped, which answers
    /// the caller.
    pub(crate) fn command(&self, command: Command<S>) {
        self.tell(Message::Command(command));
    }

    /// Asks the supervisor to stop in order. Without a request, the parent asks.
    pub(crate) fn stop(&self, request: Option<ShutdownRequest>) {
        // The request is known before its message arrives, because an engine with a long backlog acts
        // on the request first.
        let _ = self.stop.set(request.map(Box::new));
        self.stopping.store(true, Ordering::Release);
        self.tell(Message::Stop);
    }

    /// Shortens the time that this supervisor has to stop, which is stopping already.
    pub(crate) fn bound_stop(&self, deadline: Instant) {
        self.note_stop_deadline(deadline);
        self.tell(Message::Bounded);
    }

    /// Notes why the parent is about to stop this supervisor.
    pub(crate) fn note_why(&self, why: Why) {
        self.why.note(why);
    }

    /// Returns why the parent stops this supervisor, if it does.
    pub(crate) fn why(&self) -> Option<Why> {
        self.why.get()
    }

    /// Notes when the parent kills what is left of this supervisor, before it is asked to stop.
    pub(crate) fn note_stop_deadline(&self, at: Instant) {
        *self.stop_deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Returns when the parent kills what is left of this supervisor, if it is asked to stop by then.
    pub(crate) fn stop_deadline(&self) -> Option<Instant> {
        *self.stop_deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the cause of the end of this supervisor, before its children are asked to stop.
    pub(crate) fn note_end_cause(&self, cause: &EndCause) {
        let _ = self.end_cause.set(Box::new(cause.clone()));
    }

    /// Returns the cause of the end of this supervisor, once it ends.
    pub(crate) fn end_cause(&self) -> Option<&EndCause> {
        self.end_cause.get().map(|cause| &**cause)
    }

    /// Notes the child whose exit leads to the restart of a group.
    pub(crate) fn note_restarted_for(&self, child: Arc<str>) {
        *self.restarted_for.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
    }

    /// Returns the child whose exit has led to the last restart of a group.
    pub(crate) fn restarted_for(&self) -> Option<Arc<str>> {
        self.restarted_for.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the whole tree with this error of a child, unless another child was first. The root is asked to
    /// stop.
    pub(crate) fn fail_tree(&self, error: SageError) {
        let root = self.top();
        let _ = root.failure.set(error);
        root.stop(None);
    }

    /// Returns the error with which a child ends the whole tree, if any.
    pub(crate) fn failure_of_tree(&self) -> Option<&SageError> {
        self.top().failure.get()
    }

    /// Returns whether the supervisor has been asked to stop.
    pub(crate) fn is_asked_to_stop(&self) -> bool {
        self.stop.get().is_some()
    }

    /// Returns the first request to stop, unless that came from the parent.
    pub(crate) fn shutdown_request(&self) -> Option<&ShutdownRequest> {
        self.stop.get()?.as_deref()
    }

    /// Returns the number of threads of the runtime, which is at least 1.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Keeps the engine, which the calling task has just woken, from waiting behind that task.
    ///
    /// A worker thread of tokio reserves a slot for the task that was woken last, and no other thread
    /// takes a task from there. If the caller works on without a yield, the engine would wait there for
    /// as long. An empty task takes its place, so that the engine moves to a queue from which every
    /// idle thread takes tasks.
    pub(crate) fn hand_over(&self) {
        // Outside of a task there is no such slot, and a single thread leaves nothing to hand over to.
        if self.threads == 1 || tokio::task::try_id().is_none() {
            return;
        }
        // The destructor of a task may run where there is no runtime.
        if let Ok(runtime) = Handle::try_current() {
            drop(runtime.spawn(std::future::ready(())));
        }
    }

    /// Aborts everything below. Once this has returned, no task below finds that it may be polled. A task
    /// that found so before, on another thread, may still begin that poll.
    pub(crate) fn kill(&self, by: Requester) {
        // Instances may see the flag before the engine receives the message, so the requester must be
        // known before the flag is set.
        if by != Requester::Parent {
            let _ = self.killer.set(by);
        }
        self.killed.store(true, Ordering::Release);
        self.tell(Message::Kill);
    }

    /// Returns the requester of the kill.
    pub(crate) fn killer(&self) -> Requester {
        self.killer.get().cloned().unwrap_or(Requester::Parent)
    }

    /// Returns whether this scope or one above it has been killed. Supervisors are nested a few levels
    /// deep only, so a walk upwards is cheaper than a flag in every scope below.
    #[inline]
    pub(crate) fn is_killed(&self) -> bool {
        self.ancestors_and_self().any(|scope| scope.killed.load(Ordering::Acquire))
    }

    /// Notes that something is started here that lives in real time.
    pub(crate) fn note_real_time(&self) {
        for scope in self.ancestors_and_self() {
            scope.in_real_time.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether anything that lives in real time was started here or below.
    pub(crate) fn has_real_time(&self) -> bool {
        self.in_real_time.load(Ordering::Relaxed)
    }

    /// Notes that a member of a wave of kills has ended.
    pub(crate) fn note_killed(&self, now: Instant) {
        *self.top().last_killed.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Returns the time at which the last member of any wave of kills in this tree has ended.
    pub(crate) fn last_killed(&self) -> Option<Instant> {
        *self.top().last_killed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the parent, if there is one, that the declaration of this supervisor has changed. The spec
    /// carries the new declaration, which contains the reloads of the parent up to `reloads`.
    pub(crate) fn tell_redeclared(&self, reloads: u64, nested: impl FnOnce() -> Arc<S>) {
        if let Some(Above { scope, child, instance }) = &self.above {
            let (child, instance, nested) = (*child, *instance, nested());
            scope.tell(Message::Redeclared { child, instance, nested, reloads });
        }
    }

    /// Returns whether this scope is `other`, or below it.
    pub(crate) fn is_in(&self, other: &Self) -> bool {
        self.ancestors_and_self().any(|scope| std::ptr::eq(scope, other))
    }

    fn ancestors_and_self(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |scope| scope.above.as_ref().map(|above| &*above.scope))
    }

    /// Returns the token that is cancelled once all children have been started, or the supervisor has
    /// ended.
    pub(crate) fn up(&self) -> &CancellationToken {
        &self.up
    }

    /// Tells the waiting tasks, and the parent if there is one, that all children have been started.
    pub(crate) fn tell_ready(&self) {
        // The wakers may be the user's, and panic.
        let _ = contain(|| self.up.cancel());
        if let Some(above) = &self.above {
            above.scope.tell(Message::Ready { child: above.child, instance: above.instance });
        }
    }

    pub(crate) fn enter(&self) {
        self.occupants.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn leave(&self) {
        // The orderings pair with each other: the last occupant to leave sees the writes of all others.
        if self.occupants.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        // The scope above is left first, because tasks that see this scope vacant rely on that.
        if let Some(above) = &self.above {
            above.scope.leave();
        }
        // The wakers may be the user's, and panic.
        let _ = contain(|| self.vacated.cancel());
        if let Some(Above { scope, child, instance }) = &self.above {
            scope.tell(Message::Vacated { child: *child, instance: *instance });
        }
    }

    /// Publishes the result of the run. Only the first result counts.
    pub(crate) fn end(&self, result: SageResult<()>) {
        self.outcome.publish(&self.lineage, result);
        let _ = contain(|| self.up.cancel());
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.outcome.is_known()
    }

    /// Returns the outcome of the run.
    pub(crate) fn outcome(&self) -> &RunOutcome {
        &self.outcome
    }

    /// Returns the token that is cancelled once nothing below is alive.
    pub(crate) fn vacated(&self) -> &CancellationToken {
        &self.vacated
    }

    /// Returns whether this scope or one above it has been asked to stop or to abort everything.
    pub(crate) fn is_ending(&self) -> bool {
        let is_asked =
            |scope: &Self| scope.killed.load(Ordering::Acquire) || scope.is_asked_to_stop();
        self.ancestors_and_self().any(is_asked)
    }

    /// Tells the engine that an instance is ready.
    pub(crate) fn ready(&self, child: ChildId, instance: u64) {
        self.tell(Message::Ready { child, instance });
    }

    /// Tells the engine that an instance has an error that no restart can help.
    pub(crate) fn judge(&self, verdict: Verdict) {
        self.tell(Message::Verdict(Box::new(verdict)));
        self.hand_over();
    }

    /// Tells the engine that an instance declines to run.
    pub(crate) fn decline(&self, child: ChildId, instance: u64) {
        self.tell(Message::Decline { child, instance });
    }
}

impl<S: Send + Sync> HoldsPlaces for Scope<S> {
    fn release_place(&self) {
        self.command(Request::to_engine(Operation::Release).into());
    }
}

fn threads() -> usize {
    Handle::try_current().map_or(1, |runtime| runtime.metrics().num_workers()).max(1)
}
