//! The report of a supervisor's end: what is noted on the way there, and how it is put together.

use std::sync::Arc;

use super::failure::has_failed;
use super::notes::{Stopped, StoppedChild};
use crate::engine::Engine;
use crate::engine::children::{Body, Slot};
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::engine::view::{kind, kind_of};
use crate::event::{self, KillReason};
use crate::exit::Exit;
use crate::policy::RestartPolicy;
use crate::report::{Draft, EndCause, MAX_LISTED, NodeDraft, Report, Requester, StopFailure};
use crate::scope::ChildId;

impl Engine {
    /// Notes why everything is to be stopped, unless that has begun: the first cause counts.
    pub(crate) fn begin_ending(&mut self, cause: EndCause) {
        if self.notes.has_begun() {
            return;
        }
        let now = self.clock.now();
        if let EndCause::Requested { by, reason } = &cause {
            let lineage = self.scope.lineage();
            event::shutdown_requested(self.scope.stream(), lineage, by, reason.as_deref(), now);
        }
        self.scope.note_end_cause(&cause);
        self.notes.begin(cause, now, self.clock.moment());
    }

    /// Notes that everything is to be stopped because of the error that is known by now, if any.
    pub(crate) fn begin_ending_with_error(&mut self) {
        if let Some(cause) = self.notes.error().map(EndCause::of) {
            self.begin_ending(cause);
        }
    }

    /// Notes that everything is aborted at once.
    pub(crate) fn begin_killing(&mut self) {
        let by = self.scope.killer();
        self.begin_ending_with_error();
        self.begin_ending(EndCause::Requested { by: by.clone(), reason: None });
        self.notes.abort(by, self.clock.moment());
    }

    /// Notes that the stop in order has come to this child.
    pub(crate) fn note_stopping(&mut self, child: ChildId) {
        if self.children[child].phase() != Phase::Down {
            self.notes.note_stopping(child, self.clock.moment());
        }
    }

    /// Notes the kill of an instance.
    pub(crate) fn note_kill(&mut self, child: ChildId, reason: KillReason) {
        if reason != KillReason::ShutdownTimeout {
            return;
        }
        let (lineage, slot) = (self.scope.lineage(), &mut self.children[child]);
        if self.notes.add_timed_out(|| lineage.join(slot.name())) {
            slot.note_shutdown_timed_out();
        }
    }

    /// Returns whether this is a nested supervisor that was asked to end by somebody else than its
    /// parent. Such an end is a normal one, whatever state the children were in.
    pub(crate) fn was_asked_from_inside(&self) -> bool {
        match self.notes.cause() {
            Some(EndCause::Requested { by, .. }) => {
                self.scope.is_nested() && *by != Requester::Parent
            }
            _ => false,
        }
    }

    /// Notes that an instance has ended, or is left behind as unresponsive. Returns whether it was killed
    /// during the final stop because its shutdown timed out.
    pub(crate) fn note_stopped(&mut self, child: ChildId) -> bool {
        let slot = &self.children[child];
        let shutdown_timed_out = slot.shutdown_timed_out();
        let below = match slot.body() {
            Some(Body::Supervisor(scope)) => scope.outcome().get(),
            _ => None,
        };
        let stopped = StoppedChild {
            id: child,
            name: slot.name(),
            is_unresponsive: slot.phase() == Phase::Unresponsive,
            below,
            is_draining: self.mode == Mode::Draining,
            is_killing: self.mode == Mode::Killing,
        };
        self.notes.add_stopped(stopped, self.scope.lineage(), self.clock.moment());
        shutdown_timed_out
    }

    /// Notes the end of a child that may have failed while everything is being stopped.
    #[cold]
    pub(crate) fn note_stop_failure(&mut self, child: ChildId, exit: &Exit, was_asked: bool) {
        let (lineage, slot) = (self.scope.lineage(), &self.children[child]);
        let shutdown_timed_out = slot.shutdown_timed_out();
        if has_failed(exit, was_asked, shutdown_timed_out) {
            let (path, exit) = (|| lineage.join(slot.name()), || exit.clone());
            let failure = || StopFailure { path: path(), exit: exit(), shutdown_timed_out };
            self.notes.add_stop_failure(failure, shutdown_timed_out);
        }
    }

    /// Notes that a child has ended by itself and is not restarted. The report lists the failures of
    /// temporary children, because no error tells of them.
    pub(crate) fn note_failure(&mut self, child: ChildId) {
        let slot = &self.children[child];
        let spec = slot.spec();
        if spec.restart_policy() != RestartPolicy::Temporary || spec.is_significant() {
            return;
        }
        if let Some(exit) = slot.last_exit().filter(|exit| exit.is_failure()) {
            self.notes.add_failure(Arc::clone(slot.name()), exit.clone(), self.clock.now());
        }
    }

    /// Makes the report of the end. The result is added when it is published.
    pub(crate) fn report(&mut self) -> Draft {
        let lineage = self.scope.lineage();
        let kind = kind(&self.declaration);
        let began = self.startup.began();
        let mut report = Report::new(lineage.to_string(), kind, EndCause::AllEnded, began);
        let is_dynamic = self.declaration.dynamic.is_some();
        let mut stopped = self.notes.write_to(&mut report, lineage);
        // A report lists all declared children, and a few of those that were added, so its size does not
        // depend on the load.
        let declared = self.declaration.children.len();
        let mut parts = Vec::with_capacity(if is_dynamic { 0 } else { declared });
        let (mut added, more_children) = (0, &mut report.root.more_children);
        // This runs the destructors of what the user gave. Bodies that have not ended are released
        // together with the engine.
        self.children.dissolve(|child, slot, is_supervisor| {
            if is_dynamic {
                return;
            }
            if slot.is_added() {
                if added == MAX_LISTED {
                    *more_children += 1;
                    return;
                }
                added += 1;
            }
            let stopped = stopped.get_mut(child.index()).map(std::mem::take);
            parts.push(part(slot, is_supervisor, stopped.unwrap_or_default()));
        });
        Draft::new(report, lineage.clone(), parts)
    }
}

fn part(slot: Slot, is_supervisor: bool, stopped: Stopped) -> NodeDraft {
    let is_unresponsive = slot.phase() == Phase::Unresponsive;
    // The last exit belongs to an earlier instance if the task of this one has not ended.
    let has_ended = !is_unresponsive || is_supervisor;
    let kind = kind_of(slot.spec());
    let (is_given_up, shutdown_timed_out) = (slot.is_given_up(), slot.shutdown_timed_out());
    let (name, exit) = slot.into_name_and_last_exit();
    NodeDraft {
        name,
        kind,
        took: stopped.took,
        exit: exit.filter(|_| has_ended),
        shutdown_timed_out,
        is_unresponsive,
        is_given_up,
        below: stopped.below,
    }
}
