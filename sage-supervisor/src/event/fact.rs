//! The facts as the engine knows them, and both ways in which they are told.
//!
//! The fields of the `tracing` events are listed in the crate's documentation.

use std::time::Duration;

use tokio::time::Instant;

use super::{Event, EventKind, KillReason, Stream};
use crate::child::Lineage;
use crate::contain::contain;
use crate::error::{RestartLimitReached, SageResult};
use crate::exit::{Exit, ExitError};
use crate::policy::RestartConfig;
use crate::report::Requester;

/// One fact about a child of a supervisor.
pub(crate) enum Fact<'a> {
    /// An instance was spawned.
    Start { instance: u64 },
    /// An instance is ready.
    Ready,
    /// An instance has ended.
    Exit { exit: &'a Exit, asked: bool },
    /// A restart was decided; `group` other children go along.
    Restart {
        exit: &'a Exit,
        attempt: u64,
        group: usize,
        delay: Duration,
        used: u32,
        allowed: Option<u32>,
    },
    /// A child is given up because of its own limit.
    GivenUp { exit: &'a Exit, limit: RestartConfig },
    /// An instance was asked to stop; `None` is no timeout.
    Stop { timeout: Option<Duration> },
    /// A task was aborted, or a nested supervisor told to abort all it has.
    Kill { reason: KillReason },
    /// An aborted task has not ended within the kill grace.
    Unresponsive { grace: Duration },
    /// A significant child has ended for good, and its supervisor ends with it.
    AutoShutdown { exit: &'a Exit },
    /// A restart waited too long for an unresponsive task.
    UnresponsiveTimeout { waited: Duration },
}

impl Fact<'_> {
    /// Tells it. A subscriber that panics does no harm.
    pub(crate) fn emit(&self, stream: &Stream, supervisor: &Lineage, child: &str, at: Instant) {
        // The panic hook has printed it; the supervisor's work goes on.
        let _ = contain(|| self.trace(supervisor, child));
        stream.send(|| Event {
            path: supervisor.join(child),
            child: Some(child.to_owned()),
            at,
            kind: self.kind(),
        });
    }

    fn kind(&self) -> EventKind {
        match *self {
            Self::Start { instance } => EventKind::Started { instance },
            Self::Ready => EventKind::Ready,
            Self::Exit { exit, asked } => EventKind::Exited { exit: exit.clone(), asked },
            Self::Restart { exit, attempt, group, delay, used, allowed } => {
                let exit = exit.clone();
                EventKind::Restarting { exit, attempt, group, delay, used, allowed }
            }
            Self::GivenUp { exit, limit } => EventKind::ChildGivenUp {
                exit: exit.clone(),
                allowed: limit.max_restarts,
                within: limit.within,
            },
            Self::Stop { timeout } => EventKind::Stopping { timeout },
            Self::Kill { reason } => EventKind::Killed { reason },
            Self::Unresponsive { grace } => EventKind::Unresponsive { grace },
            Self::AutoShutdown { exit } => EventKind::AutoShutdown { exit: exit.clone() },
            Self::UnresponsiveTimeout { waited } => EventKind::UnresponsiveTimeout { waited },
        }
    }

    fn trace(&self, supervisor: &Lineage, child: &str) {
        macro_rules! tell {
            ($level:ident, $event:literal, { $($fields:tt)* }, $message:literal) => {
                tracing::event!(
                    target: "sage_supervisor",
                    tracing::Level::$level,
                    event = $event,
                    path = %supervisor.join(child),
                    child,
                    $($fields)*
                    $message
                )
            };
        }
        match *self {
            Self::Start { instance } => tell!(DEBUG, "start", { instance, }, "child started"),
            Self::Ready => tell!(DEBUG, "ready", {}, "child is ready"),
            // That it was killed has been told when it was.
            Self::Exit { exit: Exit::Killed, asked: true } => {
                tell!(DEBUG, "exit", { reason = %Exit::Killed, }, "child ended");
            }
            Self::Exit { exit, .. } if exit.is_failure() => {
                tell!(WARN, "exit", { reason = %exit, }, "child failed");
            }
            Self::Exit { exit, .. } => tell!(DEBUG, "exit", { reason = %exit, }, "child ended"),
            Self::Restart { exit, attempt, group, delay, used, allowed } => tell!(
                INFO, "restart",
                { reason = %exit, attempt, group, delay = ?delay, restarts = used, allowed, },
                "restarting"
            ),
            Self::GivenUp { exit, limit } => tell!(
                ERROR, "given_up",
                { reason = %exit, allowed = limit.max_restarts, within = ?limit.within, },
                "too many restarts: the child is given up"
            ),
            Self::Stop { timeout: Some(timeout) } => {
                tell!(DEBUG, "stop", { timeout = ?timeout, }, "asked to stop");
            }
            Self::Stop { timeout: None } => tell!(DEBUG, "stop", {}, "asked to stop"),
            Self::Kill { reason } => tell!(INFO, "kill", { reason = %reason, }, "killed"),
            Self::Unresponsive { grace } => {
                tell!(ERROR, "unresponsive", { grace = ?grace, }, "aborted, but not ended");
            }
            Self::AutoShutdown { exit } => {
                tell!(INFO, "auto_shutdown", { reason = %exit, }, "the supervisor ends with it");
            }
            Self::UnresponsiveTimeout { waited } => {
                tell!(ERROR, "unresponsive_timeout", { waited = ?waited, }, "gave up waiting for it to end");
            }
        }
    }
}

/// A supervisor has reached its restart limit.
pub(crate) fn restart_limit_reached(stream: &Stream, reached: &RestartLimitReached, at: Instant) {
    let _ = contain(|| {
        tracing::error!(
            target: "sage_supervisor",
            event = "restart_limit",
            path = %reached.path,
            child = %reached.child,
            reason = %reached.exit,
            restarts = reached.max_restarts,
            allowed = reached.max_restarts,
            within = ?reached.within,
            "too many restarts: the supervisor gives up"
        );
    });
    stream.send(|| Event {
        path: reached.path.clone(),
        child: Some(reached.child.clone()),
        at,
        kind: EventKind::RestartLimitReached {
            exit: reached.exit.clone(),
            allowed: reached.max_restarts,
            within: reached.within,
        },
    });
}

/// A supervisor is asked to shut down, and heeds it. A signal, and what comes from above, is told
/// elsewhere.
pub(crate) fn shutdown_requested(
    stream: &Stream,
    supervisor: &Lineage,
    by: &Requester,
    reason: Option<&str>,
    at: Instant,
) {
    if matches!(by, Requester::Signal { .. } | Requester::Parent) {
        return;
    }
    let _ = contain(|| {
        tracing::info!(
            target: "sage_supervisor", event = "shutdown", path = %supervisor,
            child = supervisor.name(), by = %by, reason,
            "asked to shut down"
        );
    });
    stream.send(|| {
        let reason = reason.map(str::to_owned);
        let kind = EventKind::ShutdownRequested { by: by.clone(), reason };
        let child = (supervisor.depth() > 1).then(|| supervisor.name().to_owned());
        Event { child, at, ..about_tree(supervisor, kind) }
    });
}

/// A tree begins. Nobody can have subscribed to it yet.
pub(crate) fn tree_started(root: &Lineage) {
    let _ = contain(|| {
        tracing::info!(target: "sage_supervisor", event = "start", path = %root, "tree started");
    });
}

/// A tree is over.
pub(crate) fn tree_ended(stream: &Stream, root: &Lineage, result: &SageResult<()>) {
    let _ = contain(|| match result {
        Ok(()) => tracing::info!(
            target: "sage_supervisor", event = "exit", path = %root, reason = %Exit::Normal,
            "tree ended"
        ),
        Err(error) => tracing::error!(
            target: "sage_supervisor", event = "exit", path = %root,
            reason = %format_args!("error: {error}"),
            "tree failed"
        ),
    });
    stream.send(|| {
        let exit = match result {
            Ok(()) => Exit::Normal,
            Err(error) => Exit::Error(ExitError::new(error.clone())),
        };
        about_tree(root, EventKind::Exited { exit, asked: false })
    });
    stream.end();
}

/// A tree has heard a signal.
#[cfg(feature = "signal")]
pub(crate) fn signalled(stream: &Stream, root: &Lineage, number: i32) {
    stream.send(|| about_tree(root, EventKind::Signalled { number }));
}

/// The same for `tracing`: a tree has heard its first or second signal.
#[cfg(feature = "signal")]
pub(crate) fn signal(number: i32, time: u32) {
    let _ = contain(|| {
        let what = if time == 1 { "stopping" } else { "aborting" };
        tracing::info!(target: "sage_supervisor", event = "signal", number, "{what}");
    });
}

fn about_tree(root: &Lineage, kind: EventKind) -> Event {
    Event { path: root.to_string(), child: None, at: Instant::now(), kind }
}
