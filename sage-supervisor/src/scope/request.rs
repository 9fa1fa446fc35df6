//! Commands to an engine, and their replies.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task;

use super::{Origin, Place};
use crate::command::{ChildStatus, CommandError, Counts, Reload};
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
    /// The way from the receiving engine to the supervisor or child that the command is for.
    pub(crate) way: Way,
    /// `true` if the path may begin with the name of the root in place of a child.
    pub(crate) may_begin_at_root: bool,
    pub(crate) operation: Operation<S>,
    pub(crate) origin: Origin,
}

impl<S> Request<S> {
    /// Creates a command of nobody in particular, to the receiving engine itself.
    pub(crate) fn to_engine(operation: Operation<S>) -> Self {
        Self { way: Way::here(), may_begin_at_root: false, operation, origin: Origin::default() }
    }
}

/// The names on a way down, separated by slashes. Each engine on the way passes its own.
pub(crate) struct Way {
    names: Box<str>,
    /// The place of the next name. It is behind the end once all names have been passed.
    next: usize,
}

impl Way {
    /// Creates the way that a path describes, which has at least one name. No child has an empty name,
    /// so a path with a superfluous slash finds nothing.
    pub(crate) fn along(path: &str) -> Self {
        Self { names: Box::from(path), next: 0 }
    }

    /// Creates a way without a name.
    pub(crate) fn here() -> Self {
        Self { names: Box::default(), next: 1 }
    }

    /// Returns the names that have not been passed, or `None` if there are none.
    pub(crate) fn rest(&self) -> Option<&str> {
        self.names.get(self.next..)
    }

    /// Passes the next name.
    pub(crate) fn pass(&mut self) {
        let length = self.rest().map_or(0, |rest| split_first_name(rest).0.len());
        self.next += length + 1;
    }
}

/// Splits the first name off the others, if there are others.
pub(crate) fn split_first_name(names: &str) -> (&str, Option<&str>) {
    // Most names are too short for a search by words to pay.
    match names.bytes().position(|byte| byte == b'/') {
        Some(slash) => (&names[..slash], Some(&names[slash + 1..])),
        None => (names, None),
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

/// A child to be started, or to be put in the place of another.
pub(crate) struct Start<S> {
    /// The name of the child. Without it, the name of the spec is used; a dynamic supervisor generates
    /// a name from that of the spec.
    pub(crate) name: Option<String>,
    pub(crate) spec: Arc<S>,
    /// `true` if the spec is a template that other children share.
    pub(crate) is_shared: bool,
    /// The place that was reserved for the child.
    pub(crate) place: Option<Place>,
}

/// A step by which a reload is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReloadStep {
    /// Stop a child that is replaced or left out.
    Stop,
    /// Start a child that is new or replaced.
    Start,
}

/// The operation of a [`Request`].
pub(crate) enum Operation<S> {
    // These are for the supervisor at the path.
    Start(Box<Start<S>>, Reply),
    /// Hold a place free for a child. Without room, the caller waits or is refused.
    Reserve {
        reply: Reply<Place>,
        waits: bool,
    },
    /// A place that was held free is not needed any more.
    Release,
    Children(Reply<Arc<Vec<ChildStatus>>>),
    Count(Reply<Counts>),
    /// The snapshot of a supervisor and of everything below it.
    Collect(Collectors),
    /// A child has been asked to stop while it waits for a command.
    Review,
    /// Compare the declaration with another one. The spec carries that; the parent counts the reloads that
    /// it hands on.
    Reload {
        declared: Arc<S>,
        handed_on: Option<u64>,
        reply: Reply<Reload>,
    },
    // These are for the child at the path.
    /// A step of the reload of this number.
    Step(ReloadStep, u64, Reply),
    Stop(Reply),
    Restart(Reply),
    Replace(Box<Start<S>>, Reply),
    Remove(Reply),
    Look(Reply<ChildStatus>),
    Spec(Reply<Arc<S>>),
}

impl<S> Operation<S> {
    /// Returns whether the path leads to a child, and not to a supervisor as such.
    pub(crate) fn is_for_a_child(&self) -> bool {
        match self {
            Self::Start(..)
            | Self::Reserve { .. }
            | Self::Release
            | Self::Children(_)
            | Self::Count(_)
            | Self::Collect(_)
            | Self::Reload { .. }
            | Self::Review => false,
            Self::Step(..)
            | Self::Stop(_)
            | Self::Restart(_)
            | Self::Replace(..)
            | Self::Remove(_)
            | Self::Look(_)
            | Self::Spec(_) => true,
        }
    }

    /// Answers the caller with an error.
    pub(crate) fn refuse(self, error: CommandError) {
        match self {
            Self::Start(_, reply)
            | Self::Replace(_, reply)
            | Self::Step(_, _, reply)
            | Self::Stop(reply)
            | Self::Restart(reply)
            | Self::Remove(reply) => reply.send(Err(error)),
            Self::Children(reply) => reply.send(Err(error)),
            Self::Count(reply) => reply.send(Err(error)),
            Self::Reload { reply, .. } => reply.send(Err(error)),
            Self::Look(reply) => reply.send(Err(error)),
            Self::Spec(reply) => reply.send(Err(error)),
            Self::Reserve { reply, .. } => reply.send(Err(error)),
            Self::Collect(collectors) => drop(collectors),
            Self::Review | Self::Release => {}
        }
    }
}

/// The channel of a snapshot. Each supervisor sends one node, with its own children.
pub(crate) type Collector = mpsc::UnboundedSender<Arc<TreeNode>>;

/// The channels of all snapshots that are taken together.
pub(crate) type Collectors = Arc<[Collector]>;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(mut way: Way) -> Vec<String> {
        let next = || {
            let name = way.rest().map(|rest| split_first_name(rest).0.to_owned());
            way.pass();
            name
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn a_way_leads_past_each_name_once() {
        let table: [(&str, &[&str]); 5] = [
            ("a", &["a"]),
            ("db/pool/a", &["db", "pool", "a"]),
            ("ü/a", &["ü", "a"]),
            ("a/", &["a", ""]),
            ("db//a", &["db", "", "a"]),
        ];
        for (path, expected) in table {
            assert_eq!(names(Way::along(path)), expected, "{path}");
        }
        assert!(names(Way::here()).is_empty());
    }
}
