//! The place of one child in its engine.

use std::sync::Arc;

use super::body::Body;
use super::clock::Moment;
use super::record::Record;
use super::request::Reply;
use crate::child::ChildSpec;
use crate::exit::Exit;

/// Where a child is between its start and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// No instance: not started yet, ended, or waiting for its group.
    Down,
    /// Not ready yet: it declares readiness, or is a nested supervisor.
    Starting,
    /// Running.
    Up,
    /// Asked to stop.
    Stopping,
    /// Aborted; it ends when it yields.
    Killed,
    /// Aborted, and not ended within the kill grace.
    Unresponsive,
}

/// The place of one child in its engine: at most one instance, from start to start.
pub(super) struct Slot {
    /// Its name: that of the spec, or one that was generated.
    pub(super) name: Arc<str>,
    pub(super) spec: Arc<ChildSpec>,
    pub(super) phase: Phase,
    pub(super) body: Option<Body>,
    /// The deadline of this phase, as long as it has not fired.
    pub(super) timer: Option<Moment>,
    /// Which instance this is, among all of this engine.
    pub(super) instance: u64,
    pub(super) starts: u64,
    /// Whether the engine has told the instance to end.
    pub(super) asked: bool,
    /// Which wave it was killed in, if it was killed with others.
    pub(super) wave: u32,
    /// What follows when it is down.
    pub(super) plan: Plan,
    /// Whether its last exit leads to a restart, which has not been decided on yet.
    pub(super) is_due: bool,
    /// Whether it is down and waits for the end of its backoff.
    pub(super) waits: bool,
    /// Whether it is down because of its own limit.
    pub(super) given_up: bool,
    /// Whether its present start was asked for by hand: if it fails, it is not retried.
    pub(super) by_hand: bool,
    /// Whether it has ever been up.
    pub(super) was_up: bool,
    /// Whether it was added at run time.
    pub(super) is_added: bool,
    /// Who waits for it: mostly nobody.
    pub(super) waiters: Option<Box<Waiters>>,
    /// What the present instance has failed to do, once that is known.
    pub(super) verdict: Option<Verdict>,
    pub(super) record: Record,
}

/// What follows when a child is down, besides what its policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing.
    Policy,
    /// It was stopped by hand, and stays down until it is started by hand or with its group.
    Stay,
    /// It was restarted by hand, and is started once it is down.
    Start,
}

#[derive(Default)]
pub(super) struct Waiters(pub(super) Vec<Waiter>);

/// Who waits for what has been asked for by hand.
pub(super) struct Waiter {
    pub(super) until: Until,
    pub(super) reply: Reply,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    Up,
    Down,
}

/// What an instance that was stopped by its supervisor has to answer for, once it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A failed start.
    TooLate,
    /// A missed heartbeat.
    Silent,
    /// The child stays down.
    Declined,
}

impl Slot {
    pub(super) fn new(name: Arc<str>, spec: Arc<ChildSpec>) -> Self {
        Self {
            name,
            spec,
            phase: Phase::Down,
            body: None,
            timer: None,
            instance: 0,
            starts: 0,
            asked: false,
            wave: 0,
            plan: Plan::Policy,
            is_due: false,
            waits: false,
            given_up: false,
            by_hand: false,
            was_up: false,
            is_added: false,
            waiters: None,
            verdict: None,
            record: Record::default(),
        }
    }

    /// How the last instance that has ended did so.
    pub(super) fn last_exit(&self) -> Option<&Exit> {
        self.record.last_exit()
    }

    /// Whether what comes after it has to wait: it is not ready, or on its way down because it will
    /// not be, or to be started once more by hand.
    pub(super) fn is_starting(&self) -> bool {
        self.phase == Phase::Starting || self.verdict.is_some() || self.plan == Plan::Start
    }

    /// Whether its living instance is a nested supervisor.
    pub(super) fn is_supervisor(&self) -> bool {
        self.body.as_ref().is_some_and(Body::is_supervisor)
    }

    /// Whether it was added at run time and its turn to be started has never come.
    pub(super) fn was_only_queued(&self) -> bool {
        self.is_added && self.starts == 0
    }

    /// Whether the instance is a nested supervisor of which something is alive. Once it has ended,
    /// that is what it has given up on.
    pub(super) fn has_leftovers(&self) -> bool {
        match &self.body {
            Some(Body::Supervisor(scope)) => !scope.vacated().is_cancelled(),
            _ => false,
        }
    }
}
