//! How a supervisor ended, and why.

mod cause;
mod draft;
mod draw;
mod part;

use std::time::Duration;

use tokio::time::Instant;

pub(crate) use self::cause::ShutdownRequest;
pub use self::cause::{EndCause, Requester};
pub(crate) use self::draft::{Draft, Part};
pub(crate) use self::part::FAILURES;
pub use self::part::{Overdue, PartReport, StopSummary, TemporaryFailure, TemporaryFailures};
use crate::error::{SageError, SageResult};
use crate::tree::NodeKind;

/// How a supervisor ended, and why: what its result says, and what it leaves out.
///
/// [`Supervisor::run_with_report`] and [`RunningSupervisor::wait_with_report`] give that of a tree,
/// [`SupervisorHandle::report`] that of the supervisor whose handle it is, nested ones included. What
/// it says of a whole tree goes for a nested supervisor and all that is below it.
///
/// It is plain data, of a size that depends on what is declared only. Its
/// [`Display`](std::fmt::Display) is for people. With the feature `serde` it can be serialised, in
/// the manner of a [`TreeSnapshot`]; the result is the text `error`, or null.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, EndCause, RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
/// use tokio::time::sleep;
///
/// async fn listener(ctx: ChildContext) {
///     ctx.cancelled().await;
///     sleep(Duration::from_secs(2)).await; // finishes what it has in hand
/// }
///
/// async fn lease(ctx: ChildContext) {
///     sleep(Duration::from_secs(3600)).await;
///     ctx.shutdown_tree("the lease is lost");
///     ctx.cancelled().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let mut shop = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .name("shop")
///     .child("listener", listener)
///     .child("lease", lease);
/// let report = shop.run_with_report().await;
/// assert!(matches!(&report.cause, EndCause::Requested { reason: Some(_), .. }));
/// assert_eq!(
///     report.to_string(),
///     "\
/// ○ shop         ended well after 1h
///   because      asked by child `shop/lease`: the lease is lost
///   restarts     none
///   stop         2s
///   ├─ listener  2s   shutdown
///   └─ lease     0ms  shutdown"
/// );
/// report.into_result()
/// # }
/// ```
///
/// [`RunningSupervisor::wait_with_report`]: crate::RunningSupervisor::wait_with_report
/// [`Supervisor::run_with_report`]: crate::Supervisor::run_with_report
/// [`SupervisorHandle::report`]: crate::SupervisorHandle::report
/// [`TreeSnapshot`]: crate::TreeSnapshot
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[must_use = "it may hold an error"]
#[non_exhaustive]
pub struct Report {
    /// The number of this form, [`Report::SCHEMA`]. It changes when a field goes, or means something
    /// else; not when one comes.
    pub schema: u32,
    #[cfg_attr(feature = "serde", serde(rename = "error", serialize_with = "part::error"))]
    result: SageResult<()>,
    /// Why it ended.
    pub cause: EndCause,
    /// Who had all that was left aborted at once, if anybody did.
    pub aborted_by: Option<Requester>,
    /// When it began.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub began_at: Instant,
    /// When it ended.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub ended_at: Instant,
    /// How long it ran, from its begin to its end.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "ran_ms", serialize_with = "crate::tree::serialize_millis")
    )]
    pub ran: Duration,
    /// How many restarts there were in all, as the limits count them.
    pub restarts: u64,
    /// Failures of temporary children, which are no error.
    pub failures: TemporaryFailures,
    /// Who did not stop in time and was killed for it, when all was being stopped.
    pub overdue: Overdue,
    /// The paths of all that were aborted and did not end. The result is
    /// [`SageError::Unresponsive`] then.
    pub unresponsive: Vec<String>,
    /// How the supervisor was stopped, and what is below it.
    pub root: PartReport,
}

impl Report {
    /// The number of the present form.
    pub const SCHEMA: u32 = 1;

    /// What the supervisor ended with, as [`Supervisor::run`](crate::Supervisor::run) gives it.
    ///
    /// # Errors
    ///
    /// Those of [`Supervisor::run`](crate::Supervisor::run).
    pub fn result(&self) -> Result<(), &SageError> {
        self.result.as_ref().copied()
    }

    /// The result alone.
    ///
    /// # Errors
    ///
    /// Those of [`Supervisor::run`](crate::Supervisor::run).
    pub fn into_result(self) -> SageResult<()> {
        self.result
    }

    /// A report that knows no more than when it began, until it is filled in.
    pub(crate) fn new(path: String, kind: NodeKind, cause: EndCause, began_at: Instant) -> Self {
        let ended_at = Instant::now();
        Self {
            schema: Self::SCHEMA,
            result: Ok(()),
            cause,
            aborted_by: None,
            began_at,
            ended_at,
            ran: ended_at - began_at,
            restarts: 0,
            failures: TemporaryFailures::default(),
            overdue: Overdue::default(),
            unresponsive: Vec::new(),
            root: PartReport::new(path, kind),
        }
    }

    /// That of a supervisor of which no more is known than its error.
    pub(crate) fn of_error(path: String, error: SageError, began_at: Instant) -> Self {
        let mut report = Self::new(path, NodeKind::Supervisor, EndCause::of(&error), began_at);
        report.set_result(Err(error));
        report
    }

    pub(crate) fn set_result(&mut self, result: SageResult<()>) {
        match &result {
            Err(SageError::Unresponsive(left)) => self.unresponsive.clone_from(&left.paths),
            // It did not get as far as it had noted.
            Err(error @ (SageError::Defect(_) | SageError::RuntimeShutdown)) => {
                self.cause = EndCause::of(error);
            }
            _ => {}
        }
        self.result = result;
    }
}
