//! The notes for the report of a supervisor's end.
//!
//! While the supervisor runs, the notes are almost nothing: numbers of restarts and failures, and the
//! last failures that are no error. The larger part is allocated once everything is being stopped.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::time::Moment;
use crate::error::{SageError, UncleanStop, Unresponsive};
use crate::exit::Exit;
use crate::lineage::Lineage;
use crate::report::{
    ChildPaths, Draft, EndCause, MAX_FAILURES, Report, Requester, StopFailure, StopFailures,
    StopSummary, TemporaryChildFailure, TemporaryChildFailures,
};
use crate::scope::ChildId;

/// The notes of one engine about its end.
pub(crate) struct EndNotes {
    /// `true` for a dynamic supervisor, whose children are noted in summary.
    is_dynamic: bool,
    /// The error that the supervisor is going to end with.
    error: Option<SageError>,
    /// The children whose unresponsive tasks the error counts already.
    counted: BTreeSet<usize>,
    /// The number of restarts here and in all nested supervisors that have ended.
    restarts: u64,
    failures: u64,
    /// The last failures of this supervisor's own temporary children.
    recent: VecDeque<(Arc<str>, Exit, Instant)>,
    /// The failures of temporary children in nested supervisors that have ended.
    below: TemporaryChildFailures,
    /// Present once everything is being stopped.
    stop: Option<Box<Stop>>,
}

/// The notes about the stop of all children.
struct Stop {
    cause: EndCause,
    began: Instant,
    /// The moment of `began`. The times of children are counted in moments, which costs less.
    began_at: Moment,
    /// The moment at which all children that were left were asked at once, if that was later.
    drained_at: Option<Moment>,
    /// The requester of the abort of everything that was left, and its time.
    aborted: Option<(Requester, Moment)>,
    /// In a stop in order: the child that is being stopped, and since when.
    stopping: Option<(ChildId, Moment)>,
    /// The static children that were stopped, by the index of their ids.
    stopped: Vec<Stopped>,
    dynamic_children: StopSummary,
    shutdown_timeouts: ChildPaths,
    failures: StopFailures,
}

/// The notes about one static child that was stopped.
#[derive(Default)]
pub(super) struct Stopped {
    pub(super) took: Option<Duration>,
    /// The report of a nested supervisor.
    pub(super) below: Option<Arc<Draft>>,
}

/// The end of an instance, as the notes see it.
pub(super) struct StoppedChild<'a> {
    pub(super) id: ChildId,
    pub(super) name: &'a str,
    pub(super) is_unresponsive: bool,
    /// The report of a nested supervisor.
    pub(super) below: Option<Arc<Draft>>,
    /// `true` if all children are being stopped at once.
    pub(super) is_draining: bool,
    /// `true` if all children are being killed.
    pub(super) is_killing: bool,
}

impl EndNotes {
    pub(crate) fn new(is_dynamic: bool) -> Self {
        Self {
            is_dynamic,
            error: None,
            counted: BTreeSet::new(),
            restarts: 0,
            failures: 0,
            recent: VecDeque::new(),
            below: TemporaryChildFailures::default(),
            stop: None,
        }
    }

    /// Sets the error that the supervisor is going to end with.
    pub(crate) fn fail(&mut self, error: SageError) {
        self.error = Some(error);
    }

    /// Sets the error that the supervisor is going to end with, unless it has one.
    pub(crate) fn fail_if_well(&mut self, error: impl FnOnce() -> SageError) {
        self.error.get_or_insert_with(error);
    }

    /// Returns whether the unresponsive tasks of this child, or below it, are to be added to the error.
    /// The tasks are added once, even if the child is asked about again.
    pub(crate) fn count_unresponsive(&mut self, child: ChildId) -> bool {
        self.counted.insert(child.index())
    }

    /// Notes tasks that do not end as the reason of the end. This error outweighs every other, because
    /// nobody may start a second instance beside such a task.
    pub(crate) fn add_unresponsive(&mut self, unresponsive: Unresponsive) {
        let error = self.error.take();
        self.error = Some(unresponsive.on_top_of(error));
    }

    pub(crate) fn error(&self) -> Option<&SageError> {
        self.error.as_ref()
    }

    pub(crate) fn take_error(&mut self) -> Option<SageError> {
        self.error.take()
    }

    pub(crate) fn count_restart(&mut self) {
        self.restarts += 1;
    }

    /// Adds the failure of a temporary child.
    pub(crate) fn add_failure(&mut self, name: Arc<str>, exit: Exit, at: Instant) {
        self.failures += 1;
        if self.recent.len() == MAX_FAILURES {
            self.recent.pop_front();
        }
        self.recent.push_back((name, exit, at));
    }

    /// Returns whether everything is being stopped.
    #[inline]
    pub(crate) fn has_begun(&self) -> bool {
        self.stop.is_some()
    }

    /// Returns the cause of the stop, once it has begun.
    pub(super) fn cause(&self) -> Option<&EndCause> {
        self.stop.as_ref().map(|stop| &stop.cause)
    }

    /// Notes that everything is being stopped.
    pub(super) fn begin(&mut self, cause: EndCause, now: Instant, at: Moment) {
        self.stop = Some(Box::new(Stop {
            cause,
            began: now,
            began_at: at,
            drained_at: None,
            aborted: None,
            stopping: None,
            stopped: Vec::new(),
            dynamic_children: StopSummary::default(),
            shutdown_timeouts: ChildPaths::default(),
            failures: StopFailures::default(),
        }));
    }

    /// Notes that all children that were not asked to stop yet are asked at once.
    pub(crate) fn drain_from(&mut self, at: Moment) {
        if let Some(stop) = &mut self.stop {
            stop.drained_at = Some(at);
        }
    }

    /// Notes that everything is being aborted.
    pub(super) fn abort(&mut self, by: Requester, at: Moment) {
        if let Some(stop) = &mut self.stop {
            stop.aborted = Some((by, at));
        }
    }

    /// Notes that the stop in order has come to this child.
    pub(super) fn note_stopping(&mut self, child: ChildId, at: Moment) {
        if let Some(stop) = &mut self.stop {
            if stop.stopping.is_none_or(|(last, _)| last != child) {
                stop.stopping = Some((child, at));
            }
        }
    }

    /// Notes that the shutdown timeout of a child has passed, if everything is being stopped. Returns
    /// whether that is so.
    pub(super) fn add_timed_out(&mut self, path: impl FnOnce() -> String) -> bool {
        let Some(stop) = &mut self.stop else { return false };
        stop.shutdown_timeouts.add(path);
        stop.dynamic_children.shutdown_timeouts += 1;
        true
    }

    /// Notes the failure of a child, if everything is being stopped.
    pub(super) fn add_stop_failure(
        &mut self,
        failure: impl FnOnce() -> StopFailure,
        is_late: bool,
    ) {
        let Some(stop) = &mut self.stop else { return };
        // A child that was late is in the summary already.
        stop.dynamic_children.failures += u64::from(!is_late);
        stop.failures.add(failure);
    }

    /// Notes that an instance has ended, or is left behind as unresponsive.
    #[inline]
    pub(super) fn add_stopped(&mut self, child: StoppedChild<'_>, lineage: &Lineage, now: Moment) {
        // The numbers of a nested supervisor are added at its end, once for each of its runs.
        if let Some(below) = child.below.as_ref().map(|below| below.head()) {
            self.restarts += below.restarts;
            self.failures += below.failures.count;
            self.below.add_below(&below.failures);
        }
        let Some(stop) = &mut self.stop else { return };
        if let Some(below) = &child.below {
            stop.add_below(below.head());
        }
        let took = stop.since(&child).map(|since| now - since);
        if !self.is_dynamic {
            let stopped = stop.stopped(child.id);
            // A child that has become unresponsive before has its time already.
            stopped.took = stopped.took.or(took);
            stopped.below = child.below.or(stopped.below.take());
        } else if let (Some(took), false) = (took, child.is_unresponsive) {
            // There can be a million dynamic children, so the notes keep a summary instead of a list.
            let all = &mut stop.dynamic_children;
            all.stopped += 1;
            if all.slowest.is_none() || took > all.longest {
                all.slowest = Some(lineage.join(child.name));
                all.longest = took;
            }
        }
    }

    /// Moves the notes into the report. Returns the notes about the static children.
    pub(super) fn write_to(&mut self, report: &mut Report, lineage: &Lineage) -> Vec<Stopped> {
        report.restarts = self.restarts;
        report.failures = self.take_failures(lineage, report.ended_at);
        let Some(stop) = self.stop.take() else { return Vec::new() };
        report.root.took = Some(report.ended_at - stop.began);
        report.root.dynamic_children = self.is_dynamic.then_some(stop.dynamic_children);
        report.cause = stop.cause;
        report.aborted_by = stop.aborted.map(|(by, _)| by);
        report.shutdown_timeouts = stop.shutdown_timeouts;
        report.stop_failures = stop.failures;
        stop.stopped
    }

    /// Returns the error of a stop that was not clean, if it was not.
    pub(super) fn unclean_stop(&self, is_tolerated: bool) -> Option<SageError> {
        let stop = self.stop.as_ref()?;
        let aborted_by = stop.aborted.as_ref().map(|(by, _)| by);
        is_error(stop.failures.count, aborted_by, is_tolerated).then(|| {
            let failures = stop.failures.clone();
            SageError::UncleanStop(Box::new(UncleanStop {
                failures,
                aborted_by: aborted_by.cloned(),
            }))
        })
    }

    fn take_failures(&mut self, lineage: &Lineage, end: Instant) -> TemporaryChildFailures {
        let mut failures = std::mem::take(&mut self.below);
        failures.count = self.failures;
        for (name, exit, at) in self.recent.drain(..) {
            let path = lineage.join(&name);
            failures.last.push(TemporaryChildFailure {
                path,
                exit,
                at,
                before_end: Duration::ZERO,
            });
        }
        failures.keep_the_last();
        failures.seen_from(end)
    }
}

impl Stop {
    /// Adds what a nested supervisor has noted about its own stop.
    fn add_below(&mut self, below: &Report) {
        self.shutdown_timeouts.add_all(&below.shutdown_timeouts);
        self.failures.add_below(&below.stop_failures);
    }

    fn stopped(&mut self, child: ChildId) -> &mut Stopped {
        // No child is added any more, and the last child usually comes first.
        if self.stopped.len() <= child.index() {
            self.stopped.resize_with(child.index() + 1, Stopped::default);
        }
        &mut self.stopped[child.index()]
    }

    /// Returns the moment at which the stop of this child began.
    #[inline]
    fn since(&self, child: &StoppedChild<'_>) -> Option<Moment> {
        let since_its_stop =
            self.stopping.filter(|&(last, _)| last == child.id).map(|(_, since)| since);
        if child.is_draining {
            since_its_stop.or(self.drained_at).or(Some(self.began_at))
        } else if child.is_killing {
            since_its_stop.or(self.aborted.as_ref().map(|&(_, at)| at))
        } else {
            since_its_stop
        }
    }
}

/// Decides whether a stop with so many failures, which somebody may have aborted, is an error.
///
/// A kill through a handle or by the owner is what they have ordered. A signal that aborts the stop is an
/// order as well, but the process has to tell its own parent of it.
fn is_error(failures: u64, aborted_by: Option<&Requester>, is_tolerated: bool) -> bool {
    let is_aborted_by_signal = matches!(aborted_by, Some(Requester::Signal { .. }));
    is_aborted_by_signal || (failures > 0 && !is_tolerated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_an_error_unless_tolerated_and_the_abort_by_a_signal_always_is() {
        let signal = Some(Requester::Signal { number: 15 });
        let table = [
            (0, None, false, false),
            (1, None, false, true),
            (1, None, true, false),
            (0, Some(Requester::Owner), false, false),
            (0, Some(Requester::Handle), false, false),
            (1, Some(Requester::Owner), false, true),
            (1, Some(Requester::Owner), true, false),
            (0, signal.clone(), false, true),
            (0, signal, true, true),
        ];
        for (failures, aborted_by, is_tolerated, expected) in table {
            let found = is_error(failures, aborted_by.as_ref(), is_tolerated);
            assert_eq!(found, expected, "{failures} {aborted_by:?} {is_tolerated}");
        }
    }
}
