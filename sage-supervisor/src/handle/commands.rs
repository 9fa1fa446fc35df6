//! The commands of a handle: start, stop, restart and remove children, and look at them.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use tokio::task;

use super::{SupervisorHandle, Target};
use crate::child::ChildSpec;
use crate::child::{ChildContext, Command, Operation, Request, Scope, Start};
use crate::command::{ChildStatus, CommandError, Counts, SupervisorState};
use crate::scope::{Asker, Origin, Place, Reply, Way};

impl SupervisorHandle {
    /// Starts a child that is not declared, as the last one in order.
    ///
    /// The child is a full member of the supervisor until the supervisor itself is restarted: then only
    /// the declared children are started again. A temporary child is forgotten when it has ended.
    ///
    /// The call returns when the child is up. A child is up as soon as it is started, or, if it declares
    /// readiness, when it is [ready](crate::ChildContext::ready). While the supervisor itself is
    /// starting or is restarting a group, the new child waits until the others have been started. A child
    /// that starts a sibling should therefore be ready first, or do so in a task that it spawns: otherwise
    /// the answer is [`CommandError::WaitsForCaller`].
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands), [`CommandError::Invalid`] if the spec breaks a
    /// rule, and [`CommandError::FailedStart`] if the start fails. A child whose start has failed
    /// is forgotten.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_child(&self, spec: ChildSpec) -> Result<(), CommandError> {
        self.start_child_below("", spec).await
    }

    /// Starts a child like [`start_child`](Self::start_child), in the nested supervisor at `path`.
    ///
    /// A dynamic supervisor derives the name of the child from the name of the spec;
    /// [its own method](crate::DynamicSupervisor::start_child) returns that name.
    ///
    /// # Errors
    ///
    /// The errors of [`start_child`](Self::start_child), and [`CommandError::NotFound`] if there is no
    /// supervisor at that path.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is started even if this future is dropped.
    pub async fn start_child_below(&self, path: &str, spec: ChildSpec) -> Result<(), CommandError> {
        let start = Start { name: None, spec: Arc::new(spec), is_shared: false, place: None };
        self.ask(path, |reply| Operation::Start(Box::new(start), reply)).await.map(drop)
    }

    /// Starts a child of a dynamic supervisor. The place was reserved, maybe in an earlier run, where it
    /// is of no use any more.
    pub(crate) fn start_dynamic(
        &self,
        name: Option<String>,
        spec: Arc<ChildSpec>,
        is_shared: bool,
        place: Option<Place>,
    ) -> Result<Answer, CommandError> {
        let scope = self.running_scope()?;
        let place = place.filter(|place| place.is_of(scope));
        let (reply, answer) = oneshot::channel();
        let (reply, task) = (Reply::new(reply), task::try_id());
        scope.command(match (name, place) {
            // A start under a generated name is by far the most frequent command, and is sent
            // without a path or a box.
            (None, None) => Command::Start { spec, is_shared, reply, task },
            (name, place) => {
                let start = Box::new(Start { name, spec, is_shared, place });
                let operation = Operation::Start(start, reply);
                let origin = Origin { task, asker: None };
                Request { origin, ..Request::to_engine(operation) }.into()
            }
        });
        Ok(Answer(answer))
    }

    /// Asks for a place for a child of a dynamic supervisor.
    pub(crate) fn reserve_place(&self, waits: bool) -> Result<Answer<Place>, CommandError> {
        let scope = self.running_scope()?;
        let (reply, answer) = oneshot::channel();
        let operation = Operation::Reserve { reply: Reply::new(reply), waits };
        scope.command(Request::to_engine(operation).into());
        Ok(Answer(answer))
    }

    /// Stops a child by its shutdown setting, and waits until it has ended.
    ///
    /// The child stays down until it is started by hand, or with its group, and keeps its supervisor up
    /// meanwhile. A restart of the child that is pending is cancelled.
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is stopped even if this future is dropped.
    pub async fn stop_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask(path, Operation::Stop).await.map(drop)
    }

    /// Stops a child and starts it again, as one command. A child that is down is started, even if
    /// it was stopped by hand.
    ///
    /// This restart does not count for a restart limit. A nested supervisor is built anew from its
    /// declaration. A child whose group is being restarted is started together with the group.
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands), [`CommandError::StartsOnce`], and
    /// [`CommandError::FailedStart`] if the start fails. A failed start is not retried: the child stays
    /// down. (A start together with the group is retried with the group.)
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is restarted even if this future is dropped.
    pub async fn restart_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask(path, Operation::Restart).await.map(drop)
    }

    /// Removes a child that is down. Its supervisor forgets the child until the supervisor itself is
    /// restarted.
    ///
    /// # Errors
    ///
    /// The errors of the [table](Self#commands).
    ///
    /// # Cancel safety
    ///
    /// Once polled, the child is removed even if this future is dropped.
    pub async fn remove_child(&self, path: &str) -> Result<(), CommandError> {
        self.ask(path, Operation::Remove).await.map(drop)
    }

    /// Returns the status of a child at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`] if there is no such child, and [`CommandError::NotRunning`] or
    /// [`CommandError::Restarting`] if the supervisor of the child is down.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn child(&self, path: &str) -> Result<ChildStatus, CommandError> {
        self.ask(path, Operation::Look).await
    }

    /// Returns the spec of a child, with the name and the settings that it was declared with.
    ///
    /// A [`DynamicSupervisor`](crate::DynamicSupervisor) accepts the spec as a template. (Erlang/OTP has
    /// `get_childspec` for this.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Shutdown, Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("worker", worker)
    ///     .start();
    /// let spec = app.handle().spec("worker").await?;
    /// assert_eq!(spec.shutdown_setting(), Shutdown::Timeout(Duration::from_secs(5)));
    /// app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`child`](Self::child).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn spec(&self, path: &str) -> Result<Arc<ChildSpec>, CommandError> {
        self.ask(path, Operation::Spec).await
    }

    /// Returns the status of all children of this supervisor at this moment, in start order.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRunning`] if the supervisor has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children(&self) -> Result<Vec<ChildStatus>, CommandError> {
        self.children_below("").await
    }

    /// Returns the status of all children like [`children`](Self::children), for the nested supervisor
    /// at `path`.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotFound`] if there is no such supervisor, and [`CommandError::NotRunning`] or
    /// [`CommandError::Restarting`] if it is down.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn children_below(&self, path: &str) -> Result<Vec<ChildStatus>, CommandError> {
        // Others may have asked at the same moment, and share the answer.
        self.ask(path, Operation::Children).await.map(Arc::unwrap_or_clone)
    }

    /// Counts the children of this supervisor at this moment.
    ///
    /// # Errors
    ///
    /// [`CommandError::NotRunning`] if the supervisor has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts(&self) -> Result<Counts, CommandError> {
        self.counts_below("").await
    }

    /// Counts the children like [`counts`](Self::counts), for the nested supervisor at `path`.
    ///
    /// # Errors
    ///
    /// The errors of [`children_below`](Self::children_below).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn counts_below(&self, path: &str) -> Result<Counts, CommandError> {
        self.ask(path, Operation::Count).await
    }

    /// Sends a command about the child or supervisor at `path`, and waits for the answer.
    pub(super) async fn ask<T>(
        &self,
        path: &str,
        operation: impl FnOnce(Reply<T>) -> Operation,
    ) -> Result<T, CommandError> {
        // The engines know by this pointer that the caller still waits.
        let caller = self.caller.as_ref().and_then(|caller| caller.context.upgrade());
        let caller = caller.map(|caller| (Arc::new(caller.asker()), caller));
        let asker = caller.as_ref().map(|(asker, _)| Arc::downgrade(asker));
        let origin = Origin { task: task::try_id(), asker };
        let (answer, is_for_a_child) = self.request(path, origin, operation)?;
        let answer = match caller {
            // The box keeps the futures of other callers small.
            Some((asker, child)) if asker.awaits() => {
                Box::pin(answered_to(answer, asker, child)).await
            }
            _ => answer.await,
        };
        answer.unwrap_or_else(|| Err(self.not_answered(path, is_for_a_child)))
    }

    /// Sends a command. Returns the pending answer, and whether the command is for a child.
    fn request<T>(
        &self,
        path: &str,
        origin: Origin,
        operation: impl FnOnce(Reply<T>) -> Operation,
    ) -> Result<(Answer<T>, bool), CommandError> {
        let scope = self.running_scope()?;
        let Address { scope, way, may_begin_at_root } = Address::of(scope, path)?;
        let (reply, answer) = oneshot::channel();
        let operation = operation(Reply::new(reply));
        let is_for_a_child = operation.is_for_a_child();
        let may_end_a_child = matches!(
            operation,
            Operation::Stop(_) | Operation::Restart(_) | Operation::Replace(..)
        );
        scope.command(Request { way, may_begin_at_root, operation, origin }.into());
        if may_end_a_child {
            scope.hand_over();
        }
        Ok((Answer(answer), is_for_a_child))
    }

    /// The error of a command that a supervisor received and did not answer, because it has ended.
    fn not_answered(&self, path: &str, is_for_a_child: bool) -> CommandError {
        let scope = match self.running_scope() {
            Ok(scope) if !scope.has_ended() => scope,
            Ok(scope) => return Self::has_ended_error(scope.lineage().to_string()),
            Err(error) => return error,
        };
        let path = match path.strip_prefix('/') {
            Some(path) => path.to_owned(),
            None if path.is_empty() => scope.lineage().to_string(),
            None => scope.lineage().join(path),
        };
        let supervisor = path.rsplit_once('/').filter(|_| is_for_a_child);
        Self::has_ended_error(supervisor.map_or(path.as_str(), |(above, _)| above).to_owned())
    }

    pub(crate) fn has_ended_error(path: String) -> CommandError {
        CommandError::NotRunning { path, state: SupervisorState::Ended }
    }

    /// Returns the scope of the supervisor, unless it was not started.
    pub(super) fn running_scope(&self) -> Result<&Arc<Scope>, CommandError> {
        match &self.target {
            Target::Scope(scope) => Ok(scope),
            Target::NotStarted(draft) => {
                let path = draft.head().root.path.clone();
                Err(CommandError::NotRunning { path, state: SupervisorState::NotStarted })
            }
        }
    }
}

/// Waits for an answer on behalf of a child. If the child is asked to stop meanwhile, the supervisors
/// above look again at what they wait for.
async fn answered_to<T>(
    mut answer: Answer<T>,
    asker: Arc<Asker>,
    child: ChildContext,
) -> Option<Result<T, CommandError>> {
    // The child may have been asked since its command was sent, so the context is not asked here.
    if !asker.has_to_end() {
        let mut stopped = pin!(child.cancelled());
        let early = poll_fn(|cx| match Pin::new(&mut answer).poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => stopped.as_mut().poll(cx).map(|()| None),
        });
        if let Some(answer) = early.await {
            return answer;
        }
        asker.must_end();
        child.scope().request_review();
    }
    answer.await
}

/// The place that a path leads to.
struct Address<'a> {
    /// The scope of the supervisor at which the way begins.
    scope: &'a Scope,
    /// The way down from there.
    way: Way,
    /// `true` if the first name may be that of the root in place of a child.
    may_begin_at_root: bool,
}

impl<'a> Address<'a> {
    /// Reads a path, which is relative to the supervisor of `scope` or begins at the root.
    fn of(scope: &'a Scope, path: &str) -> Result<Self, CommandError> {
        if path.is_empty() {
            return Ok(Self { scope, way: Way::here(), may_begin_at_root: false });
        }
        if let Some(path) = path.strip_prefix('/') {
            return Self::from_root(scope.top(), path);
        }
        // A supervisor that has ended cannot say whether it has a child of the root's name.
        if scope.is_nested() && scope.has_ended() {
            let root = scope.top();
            if path.split('/').next() == Some(root.lineage().name()) {
                return Self::from_root(root, path);
            }
        }
        Ok(Self { scope, way: Way::along(path), may_begin_at_root: true })
    }

    /// Reads a path that begins with the name of the root.
    fn from_root(root: &'a Scope, path: &str) -> Result<Self, CommandError> {
        let (first, below) = path.split_once('/').unwrap_or((path, ""));
        if first != root.lineage().name() || path.ends_with('/') {
            let supervisor = root.lineage().to_string();
            return Err(CommandError::NotFound { path: path.to_owned(), supervisor });
        }
        let way = if below.is_empty() { Way::here() } else { Way::along(below) };
        Ok(Self { scope: root, way, may_begin_at_root: false })
    }
}

/// The pending answer to a command: `None` if the supervisor has ended without an answer.
pub(crate) struct Answer<T = Arc<str>>(oneshot::Receiver<Result<T, CommandError>>);

impl<T> Future for Answer<T> {
    type Output = Option<Result<T, CommandError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The supervisor has ended if it dropped the sender without an answer.
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::lineage::Lineage;
    use crate::scope::ChildId;

    /// The request comes after the command was sent, and before its answer is polled.
    #[test]
    fn a_request_to_stop_is_noted_however_early_it_comes() {
        let scope = Scope::root(Lineage::root(Arc::from("root")));
        let child = ChildContext::new(Arc::from("a"), scope, ChildId::new(0), 1, false, None);
        let asker = Arc::new(child.asker());
        child.ask_to_stop();
        let (_reply, answer) = oneshot::channel::<Result<(), CommandError>>();
        let waits = pin!(answered_to(Answer(answer), Arc::clone(&asker), child));
        assert!(waits.poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(asker.has_to_end());
    }
}
