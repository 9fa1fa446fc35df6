//! The reason for which an instance is stopped, as the instance can ask for it.

use std::fmt;

use super::Scope;
use super::context::ChildContext;
use crate::report::{EndCause, Requester};
use crate::scope::Why;

/// The reason for which an instance was asked to stop, from [`ChildContext::stop_reason`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StopReason {
    /// A supervisor ends, and everything below it: the child's own supervisor, or one above that.
    #[non_exhaustive]
    SupervisorEnds {
        /// The path of the highest supervisor that ends.
        path: String,
        /// The cause of its end, with who has asked for it.
        cause: EndCause,
    },
    /// A group is restarted, with this child or with a supervisor above it.
    #[non_exhaustive]
    GroupRestart {
        /// The path of the child whose exit has led to the restart.
        path: String,
        /// `false` if the child is temporary and its supervisor removes temporary children in the restart
        /// of their group.
        starts_again: bool,
    },
    /// A command stops the child, or a supervisor above it.
    #[non_exhaustive]
    StoppedByHand {
        /// The path that the command was for.
        path: String,
    },
    /// A command restarts the child, or a supervisor above it.
    #[non_exhaustive]
    RestartedByHand {
        /// The path that the command was for.
        path: String,
    },
    /// Another spec takes the place of the child's, or of that of a supervisor above it: by a command, or by
    /// a reload.
    #[non_exhaustive]
    Replaced {
        /// The path of the child that is replaced.
        path: String,
    },
    /// The child has declined to run.
    Declined,
    /// The child was not ready in time.
    NotReady,
    /// The child has missed a heartbeat. Only a thread lives to see that.
    HeartbeatMissed,
    /// The child itself has an error that no restart can help.
    FinalError,
    /// A command lets the child fail, see [`fail_child`](crate::SupervisorHandle::fail_child).
    #[non_exhaustive]
    FailedByHand {
        /// The path that the command was for.
        path: String,
    },
    /// The process of the child has ended, and its driver is asked to end as well; or the driver has ended,
    /// and the process is stopped.
    ProcessEnded,
}

impl StopReason {
    /// Returns whether a new instance is to follow this one: the child is restarted by hand or with its group,
    /// or is replaced, or a supervisor above it is.
    ///
    /// `false` says that none follows from this stop by itself. A child that was [not ready](Self::NotReady)
    /// in time, has missed a [heartbeat](Self::HeartbeatMissed) or is [failed by
    /// hand](Self::FailedByHand) has failed, and its restart policy and the limits decide on what follows.
    /// They do so for a nested supervisor that ends, too.
    #[must_use]
    pub fn is_restart(&self) -> bool {
        match self {
            Self::GroupRestart { starts_again, .. } => *starts_again,
            Self::RestartedByHand { .. } | Self::Replaced { .. } => true,
            _ => false,
        }
    }
}

impl fmt::Display for StopReason {
    /// Writes the reason in one line, such as `root ends: asked by its owner`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SupervisorEnds { path, cause } => write!(f, "`{path}` ends: {cause}"),
            Self::GroupRestart { path, starts_again: true } => {
                write!(f, "restarted together with `{path}`")
            }
            Self::GroupRestart { path, starts_again: false } => {
                write!(f, "removed in the restart of `{path}`")
            }
            Self::StoppedByHand { path } => write!(f, "`{path}` is stopped by hand"),
            Self::RestartedByHand { path } => write!(f, "`{path}` is restarted by hand"),
            Self::Replaced { path } => write!(f, "`{path}` is replaced"),
            Self::Declined => f.write_str("the child declined to run"),
            Self::NotReady => f.write_str("the child was not ready in time"),
            Self::HeartbeatMissed => f.write_str("the heartbeat was missed"),
            Self::FinalError => f.write_str("the child has an error that no restart can help"),
            Self::FailedByHand { path } => write!(f, "`{path}` is failed by hand"),
            Self::ProcessEnded => f.write_str("the process of the child ended"),
        }
    }
}

impl ChildContext {
    /// Returns the reason for which this instance was asked to stop, or `None` if it was not. The reason is
    /// known as soon as [`cancelled`](Self::cancelled) completes, and stays the same while the instance is
    /// alive.
    ///
    /// If several things happen, the first one that has led to the request is the reason. An instance that
    /// has ended without being asked has no reason. The call formats paths; nothing is kept for children
    /// that do not call it.
    ///
    /// # Examples
    ///
    /// A worker that gives its lease back when it stops for good, and keeps it over a restart:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    ///     let reason = ctx.stop_reason().expect("it was asked to stop");
    ///     if !reason.is_restart() {
    ///         println!("gives the lease back: {reason}");
    ///     }
    /// #   assert_eq!(reason.to_string(), "`root` ends: asked by its owner");
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("worker", worker)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// app.shutdown().await
    /// # }
    /// ```
    #[must_use]
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.is_cancelled().then(|| reason(self.scope(), self.name(), self.why()?))?
    }
}

/// Returns the reason for the stop of the child `name` in `scope`.
fn reason(scope: &Scope, name: &str, why: Why) -> Option<StopReason> {
    let path = || scope.lineage().join(name);
    Some(match why {
        Why::SupervisorEnds => return end_of(scope),
        Why::Group | Why::LeftOut => StopReason::GroupRestart {
            path: scope.lineage().join(&scope.restarted_for()?),
            starts_again: why == Why::Group,
        },
        Why::StopByHand => StopReason::StoppedByHand { path: path() },
        Why::RestartByHand => StopReason::RestartedByHand { path: path() },
        Why::Replace => StopReason::Replaced { path: path() },
        Why::Declined => StopReason::Declined,
        Why::NotReady => StopReason::NotReady,
        Why::HeartbeatMissed => StopReason::HeartbeatMissed,
        Why::FinalError => StopReason::FinalError,
        Why::FailedByHand => StopReason::FailedByHand { path: path() },
        Why::ProcessEnded => StopReason::ProcessEnded,
    })
}

/// Returns the reason for the end of a supervisor: its own cause, or that of its parent.
fn end_of(scope: &Scope) -> Option<StopReason> {
    let cause = scope.end_cause()?;
    let by_parent = matches!(cause, EndCause::Requested { by: Requester::Parent, .. });
    if let (true, Some((parent, name)), Some(why)) = (by_parent, scope.place(), scope.why()) {
        return reason(&parent, &name, why);
    }
    Some(StopReason::SupervisorEnds { path: scope.lineage().to_string(), cause: cause.clone() })
}
