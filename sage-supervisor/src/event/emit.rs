//! Emits each event twice: through `tracing`, and to the subscribers of the tree.
//!
//! Invariants:
//!
//! 1. Both forms of an event have the same fields under the same names; the crate's front page lists
//!    them. A field that is absent from the `tracing` event is `None` in the typed one.
//! 2. `path` is the full path of the child that the event is about, and `child` is the last name in it.
//!    An event about a supervisor itself has the path and the name of that supervisor. An event about
//!    the whole tree has the path of the root, and no `child`.
//! 3. User code runs contained: a `tracing` subscriber that panics does no harm.

use std::time::Duration;

use tokio::time::Instant;

#[cfg(feature = "signal")]
use super::{Echo, SignalEffect};
use super::{Event, EventKind, KillReason, Stream};
use crate::contain::contain;
use crate::error::{FailureScope, SageResult};
use crate::exit::{Exit, ExitError};
use crate::lineage::Lineage;
use crate::policy::RestartConfig;
use crate::report::Requester;

/// An event about one child, borrowed from the engine. The owned [`Event`] is made only if somebody
/// has subscribed.
pub(crate) enum ChildEvent<'a> {
    /// An instance was spawned.
    Start { instance: u64 },
    /// An instance is ready.
    Ready,
    /// An instance has ended.
    Exit { exit: &'a Exit, asked: bool },
    /// A restart was decided. `siblings` is the number of siblings that are restarted with the child.
    Restart {
        exit: &'a Exit,
        attempt: u64,
        siblings: usize,
        delay: Duration,
        used: u32,
        allowed: Option<u32>,
    },
    /// The child exceeded its own restart limit and stays down.
    GivenUp { exit: &'a Exit, used: u32, limit: RestartConfig },
    /// The child has an error that no restart can help.
    FinalError { exit: &'a Exit, scope: FailureScope },
    /// The child exceeded the restart limit of its supervisor, which ends.
    RestartLimit { exit: &'a Exit, used: u32, limit: RestartConfig },
    /// An instance was asked to stop. A `timeout` of `None` means no timeout.
    Stop { timeout: Option<Duration> },
    /// An instance was killed.
    Kill { reason: KillReason },
    /// A killed instance has not ended within the kill grace: a task that does not yield, or a thread that
    /// does not look at its request to stop.
    Unresponsive { grace: Duration },
    /// A significant child has ended for good, and its supervisor shuts down because of that.
    AutoShutdown { exit: &'a Exit },
    /// A restart has waited too long for an unresponsive task, and the supervisor ends.
    UnresponsiveTimeout { waited: Duration },
}

impl ChildEvent<'_> {
    /// Emits the event about the child called `child` of `supervisor`.
    pub(crate) fn emit(&self, stream: &Stream, supervisor: &Lineage, child: &str, at: Instant) {
        // The panic hook has printed the message of a subscriber's panic already.
        let _ = contain(|| self.trace(supervisor, child));
        stream.send(|| Event {
            path: supervisor.join(child),
            child: Some(child.to_owned()),
            at,
            kind: self.kind(supervisor),
        });
    }

    // `Stream::send` calls this only if there is a subscriber, so nothing is copied without one.
    fn kind(&self, supervisor: &Lineage) -> EventKind {
        match *self {
            Self::Start { instance } => EventKind::Started { instance },
            Self::Ready => EventKind::Ready,
            Self::Exit { exit, asked } => EventKind::Exited { exit: exit.clone(), asked },
            Self::Restart { exit, attempt, siblings, delay, used, allowed } => {
                let exit = exit.clone();
                EventKind::Restarting { exit, attempt, siblings, delay, used, allowed }
            }
            Self::GivenUp { exit, used, limit } => EventKind::ChildGivenUp {
                exit: exit.clone(),
                used,
                allowed: limit.max_restarts,
                within: limit.within,
            },
            Self::FinalError { exit, scope } => EventKind::FinalError { exit: exit.clone(), scope },
            Self::RestartLimit { exit, used, limit } => EventKind::RestartLimitReached {
                supervisor: supervisor.to_string(),
                exit: exit.clone(),
                used,
                allowed: limit.max_restarts,
                within: limit.within,
            },
            Self::Stop { timeout } => EventKind::Stopping { timeout },
            Self::Kill { reason } => EventKind::Killed { reason },
            Self::Unresponsive { grace } => EventKind::Unresponsive { grace },
            Self::AutoShutdown { exit } => {
                EventKind::AutoShutdown { supervisor: supervisor.to_string(), exit: exit.clone() }
            }
            Self::UnresponsiveTimeout { waited } => {
                EventKind::UnresponsiveTimeout { supervisor: supervisor.to_string(), waited }
            }
        }
    }

    fn trace(&self, supervisor: &Lineage, child: &str) {
        // The fields are evaluated only if a `tracing` subscriber is interested in the event, so an
        // event without one writes no path.
        macro_rules! trace {
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
            Self::Start { instance } => trace!(DEBUG, "start", { instance, }, "child started"),
            Self::Ready => trace!(DEBUG, "ready", {}, "child is ready"),
            // The kill had an event of its own, and an exit that follows from it is no failure.
            Self::Exit { exit: exit @ Exit::Killed, asked: asked @ true } => {
                trace!(DEBUG, "exit", { exit = %exit, asked, }, "child ended");
            }
            Self::Exit { exit, asked } if exit.is_failure() => {
                trace!(WARN, "exit", { exit = %exit, asked, }, "child failed");
            }
            Self::Exit { exit, asked } => {
                trace!(DEBUG, "exit", { exit = %exit, asked, }, "child ended");
            }
            Self::Restart { exit, attempt, siblings, delay, used, allowed } => trace!(
                INFO, "restart",
                { exit = %exit, attempt, siblings, delay = ?delay, used, allowed, },
                "child will be restarted"
            ),
            Self::GivenUp { exit, used, limit } => trace!(
                ERROR, "given_up",
                { exit = %exit, used, allowed = limit.max_restarts, within = ?limit.within, },
                "child exceeded its own restart limit and is given up"
            ),
            Self::FinalError { exit, scope } => trace!(
                ERROR, "final_error",
                { exit = %exit, scope = %scope, },
                "child has an error that no restart can help"
            ),
            Self::RestartLimit { exit, used, limit } => trace!(
                ERROR, "restart_limit",
                {
                    supervisor = %supervisor, exit = %exit, used, allowed = limit.max_restarts,
                    within = ?limit.within,
                },
                "child exceeded the restart limit of its supervisor, which ends"
            ),
            Self::Stop { timeout } => trace!(
                DEBUG, "stop",
                { timeout = timeout.map(tracing::field::debug), },
                "child was asked to stop"
            ),
            Self::Kill { reason } => {
                trace!(INFO, "kill", { reason = %reason, }, "child was killed");
            }
            Self::Unresponsive { grace } => trace!(
                ERROR, "unresponsive",
                { grace = ?grace, },
                "child was killed and has not ended within the kill grace"
            ),
            Self::AutoShutdown { exit } => trace!(
                INFO, "auto_shutdown",
                { supervisor = %supervisor, exit = %exit, },
                "significant child ended, and its supervisor shuts down"
            ),
            Self::UnresponsiveTimeout { waited } => trace!(
                ERROR, "unresponsive_timeout",
                { supervisor = %supervisor, waited = ?waited, },
                "unresponsive child has not ended, and its supervisor ends"
            ),
        }
    }
}

/// Emits that a supervisor was asked to shut down, unless a signal or its parent has asked: a signal
/// has an event of its own, and the parent's order follows from an event above.
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
    // The root has the depth 1, and is nobody's child (invariant 2).
    let child = || (supervisor.depth() > 1).then(|| supervisor.name());
    let _ = contain(|| {
        tracing::info!(
            target: "sage_supervisor", event = "shutdown", path = %supervisor, child = child(),
            by = %by, reason,
            "supervisor was asked to shut down"
        );
    });
    stream.send(|| {
        let reason = reason.map(str::to_owned);
        let kind = EventKind::ShutdownRequested { by: by.clone(), reason };
        Event { child: child().map(str::to_owned), at, ..about_tree(supervisor, kind) }
    });
}

/// Emits the start of a tree. Nobody can have subscribed yet, so there is no typed event.
pub(crate) fn tree_started(root: &Lineage) {
    let _ = contain(|| {
        tracing::info!(target: "sage_supervisor", event = "start", path = %root, "tree started");
    });
}

/// Emits the end of a tree, and ends its stream of events.
pub(crate) fn tree_ended(stream: &Stream, root: &Lineage, result: &SageResult<()>) {
    let exit = match result {
        Ok(()) => Exit::Normal,
        Err(error) => Exit::Error(ExitError::new(error.clone())),
    };
    // `asked` is about the exit of a child. A shutdown of the tree has an event of its own.
    let asked = false;
    let _ = contain(|| match exit {
        Exit::Normal => tracing::info!(
            target: "sage_supervisor", event = "exit", path = %root, exit = %exit, asked,
            "tree ended"
        ),
        _ => tracing::error!(
            target: "sage_supervisor", event = "exit", path = %root, exit = %exit, asked,
            "tree failed"
        ),
    });
    stream.send(|| about_tree(root, EventKind::Exited { exit, asked }));
    // The end of the tree is the last event: a subscriber receives `None` after it.
    stream.end();
}

/// Emits to the subscribers of a tree that it has heard a signal, without running code of the user.
#[cfg(feature = "signal")]
pub(crate) fn signal_to_subscribers(
    stream: &Stream,
    root: &Lineage,
    number: i32,
    effect: SignalEffect,
) -> Option<Echo> {
    stream.send_first(|| about_tree(root, EventKind::Signalled { number, effect }))
}

/// Emits through `tracing` that a tree has heard a signal.
#[cfg(feature = "signal")]
pub(crate) fn signal_to_tracing(root: &Lineage, number: i32, effect: SignalEffect) {
    let _ = contain(|| {
        let message = match effect {
            SignalEffect::Stop => "stopping",
            SignalEffect::Repeat => "the signal repeats the one before it",
            SignalEffect::Abort => "aborting",
            SignalEffect::Handled => "calling the function for hangups",
        };
        tracing::info!(
            target: "sage_supervisor", event = "signal", path = %root, number,
            effect = %effect,
            "{message}"
        );
    });
}

fn about_tree(root: &Lineage, kind: EventKind) -> Event {
    Event { path: root.to_string(), child: None, at: Instant::now(), kind }
}
