//! Commands to an engine, and their replies.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task;

use super::Origin;
use crate::command::{ChildStatus, CommandError, Counts};
use crate::contain::{Contained, contain};
use crate::tree::TreeNode;

/// A command to the engine that receives it.
pub(crate) enum Command<S> {
    /// Start a child under a generated name. This is by far the most frequent command, so it is not
    /// boxed.
    Start { spec: Arc<S>, is_shared: bool, reply: Reply, task: Option<task::Id> },
    /// Any other command, or one for a supervisor further down.
    Request(Box<Request<S>>),
}

impl<S> From<Request<S>> for Command<S> {
    fn from(request: Request<S>) -> Self {
        Self::Request(Box::new(request))
    }
}

/// A command on its way to the engine that it is for.
pub(crate) struct Request<S> {
    /// The names that lead from the receiving engine to the supervisor or child that the command is
    /// for. The first name comes last, so that each engine pops its own.
    pub(crate) path: Vec<String>,
    /// `true` if the path may begin with the name of the root in place of a child.
    pub(crate) may_begin_at_root: bool,
    pub(crate) operation: Operation<S>,
    pub(crate) origin: Origin,
}

impl<S> Request<S> {
    /// Creates a command of nobody in particular, to the receiving engine itself.
    pub(crate) fn to_engine(operation: Operation<S>) -> Self {
        Self { path: Vec::new(), may_begin_at_root: false, operation, origin: Origin::default() }
    }
}

/// The sender of a reply: by default the name of the child.
///
/// The waker of the caller may be the user's. A panic in it is contained, even if the reply is dropped
/// without an answer.
pub(crate) struct Reply<T = Arc<str>>(Contained<oneshot::Sender<Result<T, CommandError>>>);

impl<T> Reply<T> {
    pub(crate) fn new(sender: oneshot::Sender<Result<T, CommandError>>) -> Self {
        Self(Contained::new(sender))
    }

    /// Returns whether the caller has stopped waiting.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.get().is_closed()
    }

    pub(crate) fn send(self, result: Result<T, CommandError>) {
        // The caller may have stopped waiting.
        let _ = contain(|| drop(self.0.into_inner().send(result)));
    }
}

/// A child to be started.
pub(crate) struct Start<S> {
    /// The name of the child. Without it, the name of the spec is used; a dynamic supervisor generates
    /// a name from that of the spec.
    pub(crate) name: Option<String>,
    pub(crate) spec: Arc<S>,
    /// `true` if the spec is a template that other children share.
    pub(crate) is_shared: bool,
}

/// The operation of a [`Request`].
pub(crate) enum Operation<S> {
    // These are for the supervisor at the path.
    Start(Start<S>, Reply),
    Children(Reply<Arc<Vec<ChildStatus>>>),
    Count(Reply<Counts>),
    /// The snapshot of a supervisor and of everything below it.
    Collect(Collectors),
    /// A child has been asked to stop while it waits for a command.
    Review,
    // These are for the child at the path.
    Stop(Reply),
    Restart(Reply),
    Remove(Reply),
    Look(Reply<ChildStatus>),
    Spec(Reply<Arc<S>>),
}

impl<S> Operation<S> {
    /// Returns whether the path leads to a child, and not to a supervisor as such.
    pub(crate) fn is_for_a_child(&self) -> bool {
        match self {
            Self::Start(..)
            | Self::Children(_)
            | Self::Count(_)
            | Self::Collect(_)
            | Self::Review => false,
            Self::Stop(_) | Self::Restart(_) | Self::Remove(_) | Self::Look(_) | Self::Spec(_) => {
                true
            }
        }
    }

    /// Answers the caller with an error.
    pub(crate) fn refuse(self, error: CommandError) {
        match self {
            Self::Start(_, reply)
            | Self::Stop(reply)
            | Self::Restart(reply)
            | Self::Remove(reply) => reply.send(Err(error)),
            Self::Children(reply) => reply.send(Err(error)),
            Self::Count(reply) => reply.send(Err(error)),
            Self::Look(reply) => reply.send(Err(error)),
            Self::Spec(reply) => reply.send(Err(error)),
            Self::Collect(collectors) => drop(collectors),
            Self::Review => {}
        }
    }
}

/// The channel of a snapshot. Each supervisor sends one node, with its own children.
pub(crate) type Collector = mpsc::UnboundedSender<Arc<TreeNode>>;

/// The channels of all snapshots that are taken together.
pub(crate) type Collectors = Arc<[Collector]>;
