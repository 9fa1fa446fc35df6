//! The strategy engine: one loop a supervisor, and the only place that spawns, waits and aborts.
//!
//! It decides nothing. What leads to a restart, whom it takes along and whether it is allowed is
//! said by pure functions of [`RestartPolicy`], [`Strategy`] and [`RestartTracker`]; the engine
//! carries it out, one turn at a time. A turn takes in all that has been delivered
//! ([`take_in`](Engine::take_in)), acts on the restarts that follow ([`decide`](Engine::decide)),
//! and goes as far as it can without waiting ([`advance`](Engine::advance)).
//!
//! Invariants:
//!
//! 1. A slot has at most one instance: it is started only from [`Phase::Down`](slot::Phase::Down),
//!    and becomes that only when its instance has reported its end.
//! 2. Nothing is waited for in place. Every wait is a phase of a slot or the engine's mode, so
//!    whatever arrives meanwhile is taken in at once.
//! 3. All exits delivered are taken in before any is acted upon, so deaths at the same moment are
//!    one group restart and none is lost.
//! 4. Once the mode is closing or killing, nothing is started any more.
//! 5. An exit costs O(1), whatever the number of siblings; only a group restart, a stop and a kill
//!    walk the slots.
//!
//! [`RestartPolicy`]: crate::RestartPolicy
//! [`RestartTracker`]: crate::policy::RestartTracker
//! [`Strategy`]: crate::Strategy

mod admission;
mod answers;
mod body;
mod clock;
mod commands;
mod delays;
mod ending;
mod exits;
mod giving_up;
mod heartbeat;
mod instances;
mod mailbox;
mod outcome;
mod procedure;
mod record;
mod removal;
mod request;
mod roster;
mod run;
mod scope;
mod significance;
mod slot;
mod snapshot;
mod status;
mod timers;
mod turn;
mod unresponsive;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use self::admission::Numbers;
use self::body::Body;
use self::clock::{Clock, Moment};
use self::ending::{Ending, Totals};
use self::roster::Roster;
use self::scope::Message;
use self::significance::Departures;
use self::snapshot::Began;
use self::timers::{Deadline, Timers};
use crate::child::id::ChildId;
use crate::child::{ChildSpec, Declaration, Lineage};
use crate::error::{SageError, SageResult};
use crate::policy::KILL_GRACE;
use crate::policy::RestartTracker;

pub(crate) use self::request::{Command, Operation, Reply, Request, Start};
pub(crate) use self::scope::Scope;

/// How long the engine waits for tasks that do not end.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// How long an aborted task may take before it is called unresponsive.
    kill_grace: Duration,
    /// How long a restart waits for an unresponsive task.
    unresponsive_timeout: Duration,
}

impl Patience {
    const DEFAULT: Self =
        Self { kill_grace: KILL_GRACE, unresponsive_timeout: Duration::from_secs(30) };

    /// What this declaration says, and for the rest what holds above it.
    fn of(declaration: &Declaration, above: Self) -> Self {
        Self {
            kill_grace: declaration.kill_grace.unwrap_or(above.kill_grace),
            unresponsive_timeout: declaration
                .unresponsive_timeout
                .unwrap_or(above.unresponsive_timeout),
        }
    }
}

/// What the engine is about.
#[derive(Debug, Clone, Copy)]
enum Mode {
    /// Starting children in order, from `next` on; the one before it may not be ready yet.
    Starting { next: Option<ChildId> },
    /// All have been started.
    Running,
    /// Stopping the group from its end down to `root`; what comes after `at` is down.
    Restarting { root: ChildId, at: ChildId },
    /// Stopping everything; what comes after `at` is down or given up on.
    Closing { at: Option<ChildId> },
    /// Everything has been asked to stop at once, and is being joined.
    Draining,
    /// Everything has been aborted and is being joined.
    Killing,
}

/// How a turn ends.
enum Step {
    /// Nothing is left to do until something is delivered.
    Wait,
    /// More is to be done, when others have had their turn.
    Pause,
    Over(SageResult<()>),
}

/// One run of one supervisor.
pub(crate) struct Engine {
    scope: Arc<Scope>,
    declaration: Arc<Declaration>,
    /// The entry it runs as in its parent, if it has one.
    entry: Weak<ChildSpec>,
    patience: Patience,
    mode: Mode,
    roster: Roster,
    limit: RestartTracker,
    timers: Timers,
    clock: Clock,
    began: Began,
    /// How many instances have been started.
    instances: u64,
    /// How many slots are not down.
    alive: usize,
    /// How many of them are unresponsive.
    unresponsive: usize,
    /// How many times several were killed together.
    waves: u32,
    /// How many children were stopped by hand and are to stay down.
    held: usize,
    /// Whether the last child was removed by hand, which keeps the supervisor up.
    is_kept: bool,
    /// How many wait for a child to be up or down.
    waiters: usize,
    /// Where each child is, by name; made when somebody first asks.
    names: Option<HashMap<Arc<str>, ChildId>>,
    numbers: Numbers,
    /// Whether children of a dynamic supervisor were given names.
    has_given_names: bool,
    /// How many significant children are not down.
    significant: usize,
    /// Significant children that have ended for good.
    departures: Departures,
    /// The end of the backoff of the group that is being restarted.
    group_wait: Option<Moment>,
    /// How many children are given up.
    given_up: usize,
    /// Whether all children have been started for the first time.
    has_started: bool,
    /// Why the supervisor is closing, if that is an error.
    cause: Option<SageError>,
    /// What is noted for the report of its end: always, and once everything is being stopped.
    totals: Totals,
    ending: Option<Box<Ending>>,
    /// What has not ended when the supervisor has.
    leftovers: Vec<Body>,
    /// Children whose exits, taken in during this turn, lead to a restart.
    due: Vec<ChildId>,
    /// Those of a dynamic supervisor that stop within each time, while it stops.
    stopping: HashMap<Duration, Vec<ChildId>>,
    /// Buffers of a turn, kept for the next.
    mail: Vec<Message>,
    /// How many messages have been heard since others have run.
    unbroken: usize,
    fired: Vec<Deadline>,
}

impl Engine {
    /// The engine of a whole tree.
    pub(crate) fn root(declaration: Arc<Declaration>) -> Self {
        let scope = Scope::root(Lineage::root(declaration.root_name()));
        Self::new(declaration, Weak::new(), scope, Patience::DEFAULT)
    }

    fn new(
        declaration: Arc<Declaration>,
        entry: Weak<ChildSpec>,
        scope: Arc<Scope>,
        above: Patience,
    ) -> Self {
        // It is reached from now on, unless an earlier run is not over yet.
        if let Some(dynamic) = &declaration.dynamic {
            let earlier = dynamic.current_run.ask().and_then(|run| run.downcast::<Scope>().ok());
            if earlier.is_none_or(|earlier| earlier.vacated().is_cancelled()) {
                dynamic.current_run.tell(Arc::clone(&scope) as _);
            }
        }
        let mut roster = Roster::with_room_for(declaration.children.len());
        for spec in &declaration.children {
            roster.add_last(spec.shared_name(), Arc::clone(spec));
        }
        Self {
            scope,
            entry,
            patience: Patience::of(&declaration, above),
            mode: Mode::Starting { next: roster.first() },
            roster,
            limit: RestartTracker::new(declaration.limit),
            timers: Timers::default(),
            clock: Clock::new(),
            began: Began::now(),
            instances: 0,
            alive: 0,
            unresponsive: 0,
            waves: 0,
            held: 0,
            is_kept: false,
            waiters: 0,
            names: None,
            numbers: Numbers::default(),
            has_given_names: false,
            significant: 0,
            departures: Departures::default(),
            group_wait: None,
            given_up: 0,
            has_started: false,
            cause: None,
            totals: Totals::default(),
            ending: None,
            leftovers: Vec::new(),
            due: Vec::new(),
            stopping: HashMap::new(),
            mail: Vec::new(),
            unbroken: 0,
            fired: Vec::new(),
            declaration,
        }
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }
}
