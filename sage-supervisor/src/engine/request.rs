//! Commands on their way, and the answers to them.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::child::ChildSpec;
use crate::command::{ChildStatus, CommandError, Counts};
use crate::contain::{Contained, contain};
use crate::tree::TreeNode;

/// What is asked of the engine that hears it.
pub(crate) enum Command {
    /// To start a child under a name that is made for it. Nothing is asked as often, so that this has
    /// no box.
    Start { spec: Arc<ChildSpec>, is_shared: bool, reply: Reply },
    /// Anything else, or of a supervisor further down.
    Request(Box<Request>),
}

impl From<Request> for Command {
    fn from(request: Request) -> Self {
        Self::Request(Box::new(request))
    }
}

/// One command, on its way to the engine it is for.
pub(crate) struct Request {
    /// The names that lead from the engine that hears it to the supervisor or the child it is for,
    /// the first one last.
    pub(crate) path: Vec<String>,
    pub(crate) operation: Operation,
}

/// Answers with the name of the child, unless there is more to say.
///
/// The waker of whoever waits may be a user's: a panic in it is contained, also if this is dropped
/// without an answer.
pub(crate) struct Reply<T = Arc<str>>(Contained<oneshot::Sender<Result<T, CommandError>>>);

impl<T> Reply<T> {
    pub(crate) fn new(sender: oneshot::Sender<Result<T, CommandError>>) -> Self {
        Self(Contained::new(sender))
    }

    pub(super) fn send(self, result: Result<T, CommandError>) {
        // Whoever does not wait any more is not told.
        let _ = contain(|| drop(self.0.into_inner().send(result)));
    }
}

/// A child to be started.
pub(crate) struct Start {
    /// `None`: that of the spec; in a dynamic supervisor one is made of that.
    pub(crate) name: Option<String>,
    pub(crate) spec: Arc<ChildSpec>,
    /// Whether other children have this spec.
    pub(crate) is_shared: bool,
}

pub(crate) enum Operation {
    /// To the supervisor at the path.
    Start(Start, Reply),
    Children(Reply<Vec<ChildStatus>>),
    Count(Reply<Counts>),
    /// To a supervisor and all below it.
    Collect(Collector),
    /// To the child at the path.
    Stop(Reply),
    Restart(Reply),
    Remove(Reply),
    Look(Reply<ChildStatus>),
    Spec(Reply<Arc<ChildSpec>>),
}

impl Operation {
    pub(super) fn is_for_a_child(&self) -> bool {
        match self {
            Self::Start(..) | Self::Children(_) | Self::Count(_) | Self::Collect(_) => false,
            Self::Stop(_) | Self::Restart(_) | Self::Remove(_) | Self::Look(_) | Self::Spec(_) => {
                true
            }
        }
    }

    pub(super) fn refuse(self, error: CommandError) {
        match self {
            Self::Start(_, reply)
            | Self::Stop(reply)
            | Self::Restart(reply)
            | Self::Remove(reply) => reply.send(Err(error)),
            Self::Children(reply) => reply.send(Err(error)),
            Self::Count(reply) => reply.send(Err(error)),
            Self::Look(reply) => reply.send(Err(error)),
            Self::Spec(reply) => reply.send(Err(error)),
            Self::Collect(collector) => drop(collector),
        }
    }
}

/// Where the answers go, each with the children of one supervisor.
pub(crate) type Collector = mpsc::UnboundedSender<TreeNode>;
