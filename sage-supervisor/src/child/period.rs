//! The period of a child whose work is done again and again.

use super::every::Every;
use super::kind::Kind;
use super::spec::ChildSpec;
use crate::error::InvalidTreeKind;

impl ChildSpec {
    /// Makes the work of the child periodic: the start function is called at once and then again every
    /// period. Give it a [`Duration`](std::time::Duration), or an [`Every`] with further settings.
    ///
    /// The child is one instance, which stays up between two runs. A run that ends well is not an exit: it
    /// is told by no event, leads to no restart, whatever the restart policy is, and counts for no limit. A
    /// run that fails, with an error or a panic, is an exit like any other, which the restart policy, the
    /// restart limits, the [backoff](Self::backoff) and [`give_up_if`](Self::give_up_if) decide about. After
    /// the restart the work is done at once, and a new schedule begins. A
    /// [restart by hand](crate::SupervisorHandle::restart_child) has the same effect. For
    /// [`forgive_after`](Self::forgive_after) the instance is up also while it waits.
    ///
    /// The ticks are counted from the start of the instance, and not from the end of a run, so the rate is
    /// fixed. Two runs are never at the same time. A tick that passes during a run is skipped, and the next
    /// run waits for the tick after that. If the process was frozen over several ticks, there is one run
    /// when it goes on. ([`MissedTickBehavior::Skip`] of tokio is similar, but has one run at once for the
    /// ticks that passed during a run.)
    ///
    /// A child that is asked to stop while it waits ends at once. During a run, the
    /// [context](crate::ChildContext) tells the run, as it tells any child. No other run begins after the
    /// request. A child [without a context](Self::without_context) hears it between two runs only, and by
    /// default it is killed instead: give it a [`shutdown`](Self::shutdown).
    ///
    /// All runs of an instance have the same context. A [readiness](Self::ready_within) is reported by the
    /// first run that does so, and its time includes the runs before it and the waits. A
    /// [heartbeat](Self::heartbeat) is needed during a run only, and its time is counted from the begin of
    /// each run. A [lent value](Self::lending) is lent to one run after the other. Each child of a
    /// [pool](Self::instances) has a schedule of its own.
    ///
    /// A [blocking](Self::blocking) child keeps its thread between two runs. A process and a nested
    /// supervisor cannot be periodic, and are refused as invalid. A [`OnceChild`](crate::OnceChild) has no
    /// such setting.
    ///
    /// [`tree`](crate::SupervisorHandle::tree) shows when the next run is. (In Erlang/OTP this would be a
    /// `timer:send_interval` of the child's own.)
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, RestartConfig, Strategy, Supervisor};
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use std::time::Duration;
    ///
    /// static SWEPT: AtomicU32 = AtomicU32::new(0);
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let sweep = ChildSpec::new("sweep", async |_| {
    ///     SWEPT.fetch_add(1, Ordering::Relaxed);
    /// })
    /// .every(Duration::from_secs(5 * 60));
    ///
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([sweep])
    ///     .start();
    /// tokio::time::sleep(Duration::from_secs(60 * 60 + 1)).await;
    /// assert_eq!(SWEPT.load(Ordering::Relaxed), 1 + 12);
    /// app.shutdown().await
    /// # }
    /// ```
    ///
    /// In a `supervisor!` block:
    ///
    /// ```
    /// # #[cfg(feature = "macros")] {
    /// use sage_supervisor::{Every, supervisor};
    /// use std::time::Duration;
    ///
    /// let app = supervisor! {
    ///     #[child(every = "5m", backoff(initial = "10s"))]
    ///     sweep = async |_| println!("sweeps"),
    ///
    ///     #[child(every = Every::new(Duration::from_secs(60)).jitter(0.5))]
    ///     poll = async |_| println!("asks for news"),
    /// };
    /// # drop(app);
    /// # }
    /// ```
    ///
    /// [`MissedTickBehavior::Skip`]: tokio::time::MissedTickBehavior::Skip
    pub fn every(mut self, every: impl Into<Every>) -> Self {
        self.settings.more().every = Some(Box::new(every.into()));
        self
    }

    /// The period of the child's work, or `None` if the work is not periodic.
    #[must_use]
    pub fn every_setting(&self) -> Option<&Every> {
        self.settings.every()
    }

    /// Checks the period of this child, which is called `name`.
    pub(super) fn valid_period(&self, name: &str) -> Result<(), InvalidTreeKind> {
        let Some(every) = self.every_setting() else { return Ok(()) };
        if !matches!(self.kind(), Kind::Task(_) | Kind::Thread(_)) {
            return Err(InvalidTreeKind::NotPeriodic(name.to_owned()));
        }
        if every.period().is_zero() {
            return Err(InvalidTreeKind::ZeroEvery(name.to_owned()));
        }
        match every.fault() {
            Some(fault) => Err(InvalidTreeKind::InvalidEvery(name.to_owned(), fault)),
            None => Ok(()),
        }
    }
}
