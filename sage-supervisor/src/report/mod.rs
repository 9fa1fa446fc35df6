//! The report on the end of a supervisor.

mod cause;
mod draft;
mod draw;
#[cfg(feature = "serde")]
mod flat;
mod listed;
mod node;
mod requester;
mod stop_failures;
mod told;

use std::time::Duration;

use tokio::time::Instant;

pub use self::cause::EndCause;
pub(crate) use self::draft::{Draft, NodeDraft};
pub use self::listed::ChildPaths;
pub(crate) use self::listed::{Enumerated, MAX_LISTED, MAX_NAMED, untold};
pub(crate) use self::node::MAX_FAILURES;
pub use self::node::{NodeReport, StopSummary, TemporaryChildFailure, TemporaryChildFailures};
pub use self::requester::Requester;
pub(crate) use self::requester::ShutdownRequest;
pub use self::stop_failures::{StopFailure, StopFailures};
use crate::error::{SageError, SageResult};
use crate::tree::NodeKind;

/// The report on the end of a supervisor: its result, the cause, and facts that the result leaves out.
///
/// [`Supervisor::run_with_report`] and [`RunningSupervisor::wait_with_report`] give the report of a
/// tree. [`SupervisorHandle::report`] gives the report of the handle's own supervisor, which may be a
/// nested one: it covers that supervisor and all that is below it.
///
/// A report is plain data, and its size depends only on the declaration of the tree: a list of children
/// that came at run time has the first few of them, and the number of all. Its
/// [`Display`](std::fmt::Display) is for people. With the feature `serde` it can be serialised, in the
/// manner of a [`TreeSnapshot`]; the result becomes the field `error`, which is a text or null.
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
///     sleep(Duration::from_secs(2)).await; // finishes its open requests
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
    /// The version of the serialised form, [`Report::SCHEMA`]. The version changes if a field is removed
    /// or changes its meaning, and stays if a field is added.
    pub schema: u32,
    #[cfg_attr(feature = "serde", serde(rename = "error", serialize_with = "node::error"))]
    result: SageResult<()>,
    /// The cause of the end.
    pub cause: EndCause,
    /// The requester of a kill, if all that was left was aborted at once.
    pub aborted_by: Option<Requester>,
    /// The moment when the supervisor was started.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub started_at: Instant,
    /// The moment when the supervisor ended.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub ended_at: Instant,
    /// The time from the start to the end.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "ran_ms", serialize_with = "crate::tree::serialize_millis")
    )]
    pub ran: Duration,
    /// The number of all restarts, counted as the restart limits count them.
    pub restarts: u64,
    /// The failures of temporary children, which are not errors.
    pub failures: TemporaryChildFailures,
    /// The children that failed during the final stop. If there are any, the result of a root is
    /// [`SageError::UncleanStop`], unless there is another error or the tree [tolerates] such failures.
    ///
    /// [tolerates]: crate::Supervisor::tolerate_unclean_stop
    pub stop_failures: StopFailures,
    /// The children that were killed during the final stop because their shutdown timed out.
    pub shutdown_timeouts: ChildPaths,
    /// The tasks and threads that were killed and did not end. If there are any, the result is
    /// [`SageError::Unresponsive`].
    pub unresponsive: ChildPaths,
    /// The report on the stop of the supervisor itself and of all that is below it.
    pub root: NodeReport,
}

impl Report {
    /// The present version of the serialised form.
    pub const SCHEMA: u32 = 2;

    /// Returns the result of the supervisor, as [`Supervisor::run`](crate::Supervisor::run) returns it.
    ///
    /// # Errors
    ///
    /// The errors of [`Supervisor::run`](crate::Supervisor::run).
    pub fn result(&self) -> Result<(), &SageError> {
        self.result.as_ref().copied()
    }

    /// Returns the result of the supervisor, and drops the rest of the report.
    ///
    /// # Errors
    ///
    /// The errors of [`Supervisor::run`](crate::Supervisor::run).
    pub fn into_result(self) -> SageResult<()> {
        self.result
    }

    /// Returns `true` if nothing went wrong at the end: the result is `Ok`, no child failed while it
    /// stopped, none was killed because its shutdown timed out, none is unresponsive, and nobody aborted
    /// what was left.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn writer(ctx: ChildContext) -> Result<(), &'static str> {
    ///     ctx.shutdown_tree("nothing is left to write");
    ///     ctx.cancelled().await;
    ///     Err("disk full")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let report = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .tolerate_unclean_stop(true)
    ///     .child("writer", writer)
    ///     .run_with_report()
    ///     .await;
    /// assert!(report.result().is_ok() && !report.is_clean());
    /// assert_eq!(report.stop_failures.first[0].to_string(), "root/writer: error: disk full");
    /// # }
    /// ```
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.result.is_ok()
            && self.stop_failures.count == 0
            && self.shutdown_timeouts.count == 0
            && self.unresponsive.count == 0
            && self.aborted_by.is_none()
    }

    /// Makes a report with the start and the cause alone. The engine fills in the rest.
    pub(crate) fn new(path: String, kind: NodeKind, cause: EndCause, started_at: Instant) -> Self {
        let ended_at = Instant::now();
        Self {
            schema: Self::SCHEMA,
            result: Ok(()),
            cause,
            aborted_by: None,
            started_at,
            ended_at,
            ran: ended_at - started_at,
            restarts: 0,
            failures: TemporaryChildFailures::default(),
            stop_failures: StopFailures::default(),
            shutdown_timeouts: ChildPaths::default(),
            unresponsive: ChildPaths::default(),
            root: NodeReport::new(path, kind),
        }
    }

    /// Makes the report of a supervisor of which only the error is known.
    pub(crate) fn of_error(path: String, error: SageError, started_at: Instant) -> Self {
        let mut report = Self::new(path, NodeKind::Supervisor, EndCause::of(&error), started_at);
        report.set_result(Err(error));
        report
    }

    pub(crate) fn set_result(&mut self, result: SageResult<()>) {
        match &result {
            Err(SageError::Unresponsive(left)) => self.unresponsive = left.children(),
            // The engine vanished before it could carry out the end that it had begun.
            Err(error @ (SageError::Defect(_) | SageError::RuntimeShutdown)) => {
                self.cause = EndCause::of(error);
            }
            _ => {}
        }
        self.result = result;
    }
}
