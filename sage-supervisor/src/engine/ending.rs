//! What an engine notes for the report of its end. As long as it does not end, that is next to
//! nothing: what it knows of restarts, of failures that are no error, and of runs below.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::body::Body;
use super::slot::{Phase, Slot};
use super::{Engine, Mode, snapshot};
use crate::child::id::ChildId;
use crate::event::{self, KillReason};
use crate::exit::Exit;
use crate::report::{
    Draft, EndCause, MAX_FAILURES, NodeDraft, Report, Requester, ShutdownRequest, ShutdownTimeouts,
    StopSummary, TemporaryChildFailure, TemporaryChildFailures,
};
use crate::restart::RestartPolicy;

/// What is counted as long as the supervisor runs, with all that has ended below it.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) restarts: u64,
    failures: u64,
    /// The last failures of temporary children of its own.
    recent: VecDeque<(Arc<str>, Exit, Instant)>,
    /// Those below.
    below: TemporaryChildFailures,
}

/// What is noted once everything is being stopped.
pub(super) struct Ending {
    cause: EndCause,
    began: Instant,
    /// Who had all that was left aborted, and when.
    aborted: Option<(Requester, Instant)>,
    /// In a stop in order: whose turn it is, and since when.
    turn: Option<(ChildId, Instant)>,
    /// Static children that were stopped, by their places.
    stopped: Vec<Stopped>,
    /// Dynamic ones.
    dynamic_children: StopSummary,
    shutdown_timeouts: ShutdownTimeouts,
}

#[derive(Default)]
struct Stopped {
    took: Option<Duration>,
    shutdown_timed_out: bool,
    /// What a nested supervisor has to report.
    below: Option<Arc<Draft>>,
}

impl Ending {
    fn stopped(&mut self, child: ChildId) -> &mut Stopped {
        // Nothing is added any more, and mostly the last child comes first.
        if self.stopped.len() <= child.index() {
            self.stopped.resize_with(child.index() + 1, Stopped::default);
        }
        &mut self.stopped[child.index()]
    }
}

impl Engine {
    /// Somebody asks for the end of this supervisor; without a request it is the parent.
    pub(super) fn shut_down(&mut self, request: Option<Box<ShutdownRequest>>) {
        let from_above = ShutdownRequest { by: Requester::Parent, reason: None };
        self.begin_ending(request.map_or(from_above, |request| *request).into());
        self.close();
    }

    /// Notes why everything is to be stopped, unless that has begun: the first cause counts.
    pub(super) fn begin_ending(&mut self, cause: EndCause) {
        if self.ending.is_some() {
            return;
        }
        if let EndCause::Requested { by, reason } = &cause {
            event::shutdown_requested(
                self.scope.stream(),
                self.scope.lineage(),
                by,
                reason.as_deref(),
                self.clock.now(),
            );
        }
        self.ending = Some(Box::new(Ending {
            cause,
            began: self.clock.now(),
            aborted: None,
            turn: None,
            stopped: Vec::new(),
            dynamic_children: StopSummary::default(),
            shutdown_timeouts: ShutdownTimeouts::default(),
        }));
    }

    /// Notes that everything is to be stopped, because of the error that is known by now.
    pub(super) fn begin_ending_with_error(&mut self) {
        if let (None, Some(error)) = (&self.ending, &self.cause) {
            self.begin_ending(EndCause::of(error));
        }
    }

    /// Notes that everything is aborted at once.
    pub(super) fn begin_killing(&mut self) {
        let by = self.scope.killer();
        self.begin_ending_with_error();
        self.begin_ending(EndCause::Requested { by: by.clone(), reason: None });
        if let Some(ending) = &mut self.ending {
            ending.aborted = Some((by, self.clock.now()));
        }
    }

    /// The stop in order stands at this child.
    pub(super) fn note_turn(&mut self, child: ChildId) {
        let Some(ending) = &mut self.ending else { return };
        let is_new = ending.turn.is_none_or(|(last, _)| last != child);
        if is_new && self.roster[child].phase != Phase::Down {
            ending.turn = Some((child, self.clock.now()));
        }
    }

    pub(super) fn note_kill(&mut self, child: ChildId, reason: KillReason) {
        let Some(ending) = self.ending.as_mut().filter(|_| reason == KillReason::ShutdownTimeout)
        else {
            return;
        };
        let lineage = self.scope.lineage();
        ending.shutdown_timeouts.add(|| lineage.join(&self.roster[child].name));
        if self.declaration.dynamic.is_some() {
            ending.dynamic_children.shutdown_timeouts += 1;
        } else {
            ending.stopped(child).shutdown_timed_out = true;
        }
    }

    /// Whether this is a nested supervisor that was asked to end, not by its parent: that is a normal
    /// end, whatever state its children were in.
    pub(super) fn was_asked_from_inside(&self) -> bool {
        let asked = |ending: &Ending| matches!(&ending.cause, EndCause::Requested { by, .. } if *by != Requester::Parent);
        self.scope.is_nested() && self.ending.as_deref().is_some_and(asked)
    }

    /// An instance has ended, or is given up on.
    pub(super) fn note_stopped(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        let below = match &slot.body {
            Some(Body::Supervisor(scope)) => scope.outcome().get(),
            _ => None,
        };
        if let Some(below) = below.as_ref().map(|below| below.head()) {
            self.totals.restarts += below.restarts;
            self.totals.failures += below.failures.count;
            self.totals.below.add_below(&below.failures);
        }
        let Some(ending) = &mut self.ending else { return };
        if let Some(below) = &below {
            ending.shutdown_timeouts.add_below(&below.head().shutdown_timeouts);
        }
        let its_turn = ending.turn.filter(|&(last, _)| last == child).map(|(_, since)| since);
        let since = match self.mode {
            Mode::Draining => Some(ending.began),
            Mode::Killing => its_turn.or(ending.aborted.as_ref().map(|(_, at)| *at)),
            _ => its_turn,
        };
        let took = since.map(|since| self.clock.now() - since);
        if self.declaration.dynamic.is_none() {
            let stopped = ending.stopped(child);
            // One that was given up on has had its time.
            stopped.took = stopped.took.or(took);
            stopped.below = below.or(stopped.below.take());
        } else if let (Some(took), true) = (took, slot.phase != Phase::Unresponsive) {
            ending.dynamic_children.stopped += 1;
            if ending.dynamic_children.slowest.is_none() || took > ending.dynamic_children.longest {
                ending.dynamic_children.slowest = Some(self.scope.lineage().join(&slot.name));
                ending.dynamic_children.longest = took;
            }
        }
    }

    /// A child has ended by itself and is not restarted.
    pub(super) fn note_failure(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        let is_plain =
            slot.spec.restart_policy() == RestartPolicy::Temporary && !slot.spec.is_significant();
        let Some(exit) = slot.last_exit().filter(|exit| is_plain && exit.is_failure()) else {
            return;
        };
        self.totals.failures += 1;
        if self.totals.recent.len() == MAX_FAILURES {
            self.totals.recent.pop_front();
        }
        let failure = (Arc::clone(&slot.name), exit.clone(), self.clock.now());
        self.totals.recent.push_back(failure);
    }

    /// What is to be said of the end, besides the result.
    pub(super) fn report(&mut self) -> Draft {
        let ending = self.ending.take().map(|ending| *ending);
        let path = self.scope.lineage().to_string();
        let kind = snapshot::kind(&self.declaration);
        let mut report = Report::new(path, kind, EndCause::AllEnded, self.began.at);
        report.restarts = self.totals.restarts;
        report.failures = self.failures(report.ended_at);
        let mut stopped = Vec::new();
        if let Some(ending) = ending {
            report.root.took = Some(report.ended_at - ending.began);
            report.root.dynamic_children =
                self.declaration.dynamic.is_some().then_some(ending.dynamic_children);
            report.root.shutdown_timed_out = false;
            report.cause = ending.cause;
            report.aborted_by = ending.aborted.map(|(by, _)| by);
            report.shutdown_timeouts = ending.shutdown_timeouts;
            stopped = ending.stopped;
        }
        let is_listed = self.declaration.dynamic.is_none();
        let mut parts = Vec::with_capacity(if is_listed { self.roster.len() } else { 0 });
        // With each goes what a user gave; what has not ended is let go with the engine.
        for (child, mut slot) in std::mem::take(&mut self.roster).into_slots() {
            let body = slot.body.take();
            if is_listed {
                let stopped = stopped.get_mut(child.index()).map(std::mem::take);
                parts.push(part(slot, body.as_ref(), stopped.unwrap_or_default()));
            }
            self.leftovers.extend(body);
        }
        Draft::new(report, self.scope.lineage().clone(), parts)
    }

    fn failures(&mut self, end: Instant) -> TemporaryChildFailures {
        let mut failures = std::mem::take(&mut self.totals.below);
        failures.count = self.totals.failures;
        for (name, exit, at) in self.totals.recent.drain(..) {
            let path = self.scope.lineage().join(&name);
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

fn part(slot: Slot, body: Option<&Body>, stopped: Stopped) -> NodeDraft {
    let is_unresponsive = slot.phase == Phase::Unresponsive;
    // The exit of a task that has not ended is that of the instance before.
    let has_ended = !is_unresponsive || matches!(body, Some(Body::Supervisor(_)));
    NodeDraft {
        name: slot.name,
        kind: snapshot::kind_of(&slot.spec),
        took: stopped.took,
        exit: slot.record.into_last_exit().filter(|_| has_ended),
        shutdown_timed_out: stopped.shutdown_timed_out,
        is_unresponsive,
        is_given_up: slot.given_up,
        below: stopped.below,
    }
}

impl Slot {
    /// Whether this is a nested supervisor that has ended because somebody asked it to.
    pub(super) fn was_shut_down(&self) -> bool {
        let Some(Body::Supervisor(scope)) = &self.body else { return false };
        let asked = |draft: Arc<Draft>| matches!(draft.head().cause, EndCause::Requested { .. });
        scope.outcome().get().is_some_and(asked)
    }
}
