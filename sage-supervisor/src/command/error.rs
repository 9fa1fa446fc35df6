//! The errors of commands that are given by hand.

use std::error::Error;
use std::fmt;

use super::ChildState;
use crate::chain::write_sources_if_alternate;
use crate::error::InvalidTree;
use crate::exit::Exit;

/// The reason for which a command was not carried out.
///
/// The text of an error names the child or supervisor that the command is about by its whole path, and
/// says what to do. The path is in the error as well, also as [`path`](Self::path).
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, CommandError, RestartConfig, Strategy, Supervisor};
///
/// async fn worker(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let shop = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .name("shop")
///     .child("web", worker)
///     .start();
/// shop.started().await?;
/// let handle = shop.handle();
/// let error = handle.remove_child("web").await.unwrap_err();
/// assert_eq!(error.to_string(), "child `shop/web` is running: stop it before it is removed");
///
/// let error = handle.stop_child("mail").await.unwrap_err();
/// assert!(matches!(error, CommandError::NotFound { .. }));
/// assert_eq!(error.to_string(), "there is no child `mail` below supervisor `shop`");
/// assert_eq!(error.path(), "shop/mail");
/// shop.shutdown().await
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no child or supervisor at that path.
    #[non_exhaustive]
    NotFound {
        /// The path that was asked for.
        path: String,
        /// The path of the last supervisor on the way, which has no such child.
        supervisor: String,
    },
    /// The child at that path is not a supervisor, so it has no children.
    #[non_exhaustive]
    NotASupervisor {
        /// The path of the child.
        path: String,
    },
    /// The command is for a child, and the path leads to the supervisor of the handle itself, or to the
    /// root of the tree.
    #[non_exhaustive]
    NotAChild {
        /// The path of the supervisor.
        path: String,
    },
    /// A child of that name is already up or starting.
    #[non_exhaustive]
    AlreadyRunning {
        /// The path of the child.
        path: String,
    },
    /// A child of that name exists, and is not up.
    #[non_exhaustive]
    AlreadyExists {
        /// The path of the child.
        path: String,
        /// The state of the child.
        state: ChildState,
    },
    /// The child is still running, and has to be stopped first.
    #[non_exhaustive]
    StillRunning {
        /// The path of the child.
        path: String,
        /// The state of the child.
        state: ChildState,
    },
    /// The child is down, and it or its group is about to be started by its supervisor, for the first
    /// time or again.
    #[non_exhaustive]
    Restarting {
        /// The path of the child or nested supervisor.
        path: String,
    },
    /// The child was killed and has not ended.
    #[non_exhaustive]
    Unresponsive {
        /// The path of the child.
        path: String,
    },
    /// The supervisor does not run, and will not be started by itself.
    #[non_exhaustive]
    NotRunning {
        /// The path of the supervisor.
        path: String,
        /// The state of the supervisor.
        state: SupervisorState,
    },
    /// The dynamic supervisor has reached its maximum number of children.
    #[non_exhaustive]
    MaxChildren {
        /// The path of the supervisor.
        path: String,
        /// The maximum number of its children.
        max_children: usize,
        /// The number of places among them that are [reserved](crate::Permit).
        reserved: usize,
    },
    /// The child can be started only once.
    #[non_exhaustive]
    StartsOnce {
        /// The path of the child.
        path: String,
    },
    /// The name was given to a child of one partition of a
    /// [`PartitionedSupervisor`](crate::PartitionedSupervisor), and belongs to another partition.
    #[non_exhaustive]
    OtherPartition {
        /// The path that the child would have in the partition that was asked.
        path: String,
        /// The number of the partition that the name belongs to.
        partition: usize,
    },
    /// The child was stopped by hand before it was up.
    #[non_exhaustive]
    Stopped {
        /// The path of the child.
        path: String,
    },
    /// The child is down or stopping, so no failure can be injected.
    #[non_exhaustive]
    NotUp {
        /// The path of the child.
        path: String,
        /// The state of the child.
        state: ChildState,
    },
    /// The child that gave the command would wait for itself. The command was not carried out.
    ///
    /// For example, a child that has not reported its [readiness](crate::ChildContext::ready) cannot
    /// wait for the start of a sibling that is started after it.
    #[non_exhaustive]
    WaitsForCaller {
        /// The path of the child that the command is about.
        path: String,
        /// The path of the child that gave the command.
        caller: String,
    },
    /// The spec breaks a rule, and nothing was started.
    Invalid(InvalidTree),
    /// The child did not start, and its start is not retried. The [`source`](Error::source) is the error
    /// or panic of the child.
    #[non_exhaustive]
    FailedStart {
        /// The path of the child.
        path: String,
        /// The exit of the instance.
        exit: Exit,
    },
}

/// The state of a supervisor that carries out no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SupervisorState {
    /// The supervisor has not been started.
    NotStarted,
    /// The supervisor is a child that is down and is not about to be started.
    Down,
    /// The supervisor is stopping its children, and starts nothing any more.
    Ending,
    /// The supervisor has ended.
    Ended,
}

impl CommandError {
    /// The path of the child or supervisor that the command is about. If the spec of a new child breaks a
    /// rule, the path is that of the supervisor.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::NotFound { path, .. }
            | Self::NotASupervisor { path }
            | Self::NotAChild { path }
            | Self::AlreadyRunning { path }
            | Self::AlreadyExists { path, .. }
            | Self::StillRunning { path, .. }
            | Self::Restarting { path }
            | Self::Unresponsive { path }
            | Self::NotRunning { path, .. }
            | Self::MaxChildren { path, .. }
            | Self::StartsOnce { path }
            | Self::OtherPartition { path, .. }
            | Self::Stopped { path }
            | Self::NotUp { path, .. }
            | Self::WaitsForCaller { path, .. }
            | Self::Invalid(InvalidTree { path, .. })
            | Self::FailedStart { path, .. } => path,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A path may come from outside, and is written in a form that fits in one line.
        let at = self.path().escape_debug();
        match self {
            Self::NotFound { path, supervisor } => write_missing(f, path, supervisor),
            Self::NotASupervisor { .. } => {
                write!(f, "child `{at}` is not a supervisor: nothing is below it")
            }
            Self::NotAChild { path } if path.contains('/') => write!(
                f,
                "the path leads to supervisor `{at}` itself: give the path of a child below it, or \
                 `/{at}` for the supervisor as a child"
            ),
            Self::NotAChild { .. } => {
                write!(f, "`{at}` is the root of the tree and no child: `shutdown` ends it")
            }
            Self::AlreadyRunning { .. } => write!(
                f,
                "child `{at}` is already running: restart it, or choose another name for a new child"
            ),
            Self::AlreadyExists {
                state: ChildState::Stopping | ChildState::Unresponsive, ..
            } => {
                write!(f, "child `{at}` already exists and has not ended: wait until it is down")
            }
            Self::AlreadyExists { state, .. } => write!(
                f,
                "child `{at}` already exists and is {state}: restart it, or remove it before a new \
                 one is started"
            ),
            Self::StillRunning { state: ChildState::Stopping, .. } => {
                write!(f, "child `{at}` is stopping: wait until it is down before it is removed")
            }
            Self::StillRunning { state, .. } => {
                write!(f, "child `{at}` is {state}: stop it before it is removed")
            }
            Self::Restarting { .. } => write!(
                f,
                "`{at}` is about to be started by its supervisor: wait until it is up, or stop it \
                 first"
            ),
            Self::Unresponsive { .. } => write!(
                f,
                "child `{at}` was killed and has not ended: nothing is started in its place until it \
                 has"
            ),
            Self::NotRunning { state, .. } => match state {
                SupervisorState::NotStarted => write!(
                    f,
                    "supervisor `{at}` is not running: it has not been started, so start it or its \
                     tree first"
                ),
                SupervisorState::Down => {
                    write!(f, "supervisor `{at}` is not running: `restart_child` starts it again")
                }
                SupervisorState::Ending => write!(
                    f,
                    "supervisor `{at}` is ending: it starts, restarts and removes nothing any more"
                ),
                SupervisorState::Ended => {
                    write!(f, "supervisor `{at}` is not running: it has ended")
                }
            },
            Self::MaxChildren { max_children, reserved: 1.., .. } => write!(
                f,
                "supervisor `{at}` has no room: its maximum is {max_children} children, with those for \
                 which a place is reserved; wait with `reserve`, or set a larger `max_children`"
            ),
            Self::MaxChildren { max_children, .. } => write!(
                f,
                "supervisor `{at}` has {max_children} children, which is its maximum: try again when \
                 one has ended, or set a larger `max_children`"
            ),
            Self::StartsOnce { .. } => {
                write!(f, "child `{at}` can be started only once: start a new child in its place")
            }
            Self::OtherPartition { partition, .. } => write!(
                f,
                "child `{at}` cannot be started here, because its name belongs to partition \
                 {partition}: start it with `PartitionedSupervisor::start_named`"
            ),
            Self::Stopped { .. } => {
                write!(f, "child `{at}` was stopped by another command before it was up")
            }
            Self::NotUp { state, .. } => write!(
                f,
                "child `{at}` is {state}: only a child that is starting or running can be failed"
            ),
            Self::WaitsForCaller { caller, .. } => write!(
                f,
                "child `{}` would wait for itself, because the command about `{at}` waits for that \
                 child: give it after `ready()`, or in a spawned task",
                caller.escape_debug()
            ),
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::FailedStart { exit, .. } => {
                write!(f, "child `{at}` did not start: {}", exit.own_text())?;
                write_sources_if_alternate(f, self)
            }
        }
    }
}

/// Writes that nothing is at `path`. The way there ended at `supervisor`.
fn write_missing(f: &mut fmt::Formatter<'_>, path: &str, supervisor: &str) -> fmt::Result {
    let (path, supervisor) = (path.escape_debug().to_string(), supervisor.escape_debug());
    if path.split('/').any(str::is_empty) {
        return write!(f, "there is no child `{path}`: the path has a slash too many");
    }
    match path.strip_prefix(&format!("{supervisor}/")) {
        Some(below) => write!(f, "there is no child `{below}` below supervisor `{supervisor}`"),
        None => write!(f, "there is no `/{path}`: the root of this tree is `{supervisor}`"),
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Invalid(invalid) => invalid.source(),
            Self::FailedStart { exit, .. } => exit.cause(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::ExitError;

    fn texts(errors: impl IntoIterator<Item = CommandError>) -> Vec<String> {
        errors.into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn a_path_that_leads_nowhere_is_told_apart() {
        let at = |path: &str, supervisor: &str| {
            let (path, supervisor) = (path.to_owned(), supervisor.to_owned());
            CommandError::NotFound { path, supervisor }
        };
        let errors = [
            at("shop/web/x", "shop"),
            at("shop/web/x", "shop/web"),
            at("shop/web/", "shop/web"),
            at("store/web", "shop"),
            at("shop/a\nb", "shop"),
        ];
        assert_eq!(
            texts(errors),
            [
                "there is no child `web/x` below supervisor `shop`",
                "there is no child `x` below supervisor `shop/web`",
                "there is no child `shop/web/`: the path has a slash too many",
                "there is no `/store/web`: the root of this tree is `shop`",
                "there is no child `a\\nb` below supervisor `shop`",
            ]
        );
    }

    #[test]
    fn the_state_of_a_child_decides_what_to_do() {
        let path = || "shop/a".to_owned();
        let exists = |state| CommandError::AlreadyExists { path: path(), state };
        let runs = |state| CommandError::StillRunning { path: path(), state };
        let errors = [
            exists(ChildState::Stopped),
            exists(ChildState::Stopping),
            runs(ChildState::Starting),
            runs(ChildState::Stopping),
        ];
        assert_eq!(
            texts(errors),
            [
                "child `shop/a` already exists and is stopped: restart it, or remove it before a \
                 new one is started",
                "child `shop/a` already exists and has not ended: wait until it is down",
                "child `shop/a` is starting: stop it before it is removed",
                "child `shop/a` is stopping: wait until it is down before it is removed",
            ]
        );
    }

    #[test]
    fn the_cause_of_a_failed_start_is_the_source_and_written_once() {
        let exit = Exit::Error(ExitError::new("the disk is full"));
        let error = CommandError::FailedStart { path: "shop/a".to_owned(), exit };
        assert_eq!(error.to_string(), "child `shop/a` did not start: error");
        assert_eq!(format!("{error:#}"), "child `shop/a` did not start: error: the disk is full");
        assert_eq!(error.source().expect("the error is kept").to_string(), "the disk is full");
    }
}
