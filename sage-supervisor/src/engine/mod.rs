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
//! [`RestartTracker`]: crate::restart::RestartTracker
//! [`Strategy`]: crate::Strategy

mod admission;
mod answers;
mod body;
mod commands;
mod delays;
mod ending;
mod exits;
mod giving_up;
mod heartbeat;
mod id;
mod instances;
mod last_word;
mod procedure;
mod record;
mod removal;
mod request;
mod roster;
mod scope;
mod significance;
mod slot;
mod snapshot;
mod status;
mod timers;
mod turn;
mod unresponsive;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio_util::time::delay_queue::Key;

use self::ending::{Ending, Totals};
use self::id::ChildId;
use self::roster::Roster;
use self::scope::{Inbox, Message};
use self::significance::Departures;
use self::snapshot::Began;
use self::timers::{Alarm, Timers};
use crate::child::{ChildSpec, Declaration, Leaving, Lineage, RunsElsewhere};
use crate::contain::contain;
use crate::error::{InvalidRule, InvalidTree, SageError, SageResult};
use crate::restart::RestartTracker;

pub(crate) use self::request::{Operation, Reply, Request, Start};
pub(crate) use self::scope::{Line, Scope};

/// How long the engine waits for tasks that do not end.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// How long an aborted task may take before it is called unresponsive.
    kill_grace: Duration,
    /// How long a restart waits for an unresponsive task.
    give_up_after: Duration,
}

impl Patience {
    const DEFAULT: Self =
        Self { kill_grace: Duration::from_secs(1), give_up_after: Duration::from_secs(30) };

    /// What this declaration says, and for the rest what holds above it.
    fn of(declaration: &Declaration, above: Self) -> Self {
        Self {
            kill_grace: declaration.kill_grace.unwrap_or(above.kill_grace),
            give_up_after: declaration.give_up_after.unwrap_or(above.give_up_after),
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
    inbox: Inbox,
    declaration: Arc<Declaration>,
    /// The entry it runs as in its parent, if it has one.
    entry: Weak<ChildSpec>,
    patience: Patience,
    mode: Mode,
    roster: Roster,
    limit: RestartTracker,
    timers: Timers,
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
    /// Where each child is, by name; made when somebody first asks.
    names: Option<HashMap<Arc<str>, ChildId>>,
    /// The last number that a name was made of.
    last_number: u64,
    /// Whether children of a dynamic supervisor were given names.
    has_given_names: bool,
    /// How many significant children are not down.
    significant: usize,
    /// Significant children that have ended for good.
    departures: Departures,
    /// The end of the backoff of the group that is being restarted.
    group_wait: Option<Key>,
    /// How many children are given up.
    given_up: usize,
    /// Whether all children have been started for the first time.
    has_started: bool,
    /// Why the supervisor is closing, if that is an error.
    cause: Option<SageError>,
    /// What is noted for the report of its end: always, and once everything is being stopped.
    totals: Totals,
    ending: Option<Box<Ending>>,
    /// Children whose exits, taken in during this turn, lead to a restart.
    due: Vec<ChildId>,
    /// Those of a dynamic supervisor that stop within each time, while it stops.
    stopping: HashMap<Duration, Vec<ChildId>>,
    /// Buffers of a turn, kept for the next.
    mail: Vec<Message>,
    fired: Vec<Alarm>,
}

impl Engine {
    /// The engine of a whole tree.
    pub(crate) fn root(declaration: Arc<Declaration>) -> Self {
        let (scope, inbox) = Scope::root(Lineage::root(declaration.root_name()));
        Self::new(declaration, Weak::new(), scope, inbox, Patience::DEFAULT)
    }

    fn new(
        declaration: Arc<Declaration>,
        entry: Weak<ChildSpec>,
        scope: Arc<Scope>,
        inbox: Inbox,
        above: Patience,
    ) -> Self {
        // It is reached from now on, unless an earlier run is not over yet.
        if let Some(dynamic) = &declaration.dynamic {
            let earlier = dynamic.whereabouts.ask().and_then(|run| run.downcast::<Scope>().ok());
            if earlier.is_none_or(|earlier| earlier.vacated().is_cancelled()) {
                dynamic.whereabouts.tell(Arc::clone(&scope) as _);
            }
        }
        let mut roster = Roster::default();
        for spec in &declaration.children {
            roster.add_last(spec.shared_name(), Arc::clone(spec));
        }
        Self {
            scope,
            entry,
            inbox,
            patience: Patience::of(&declaration, above),
            mode: Mode::Starting { next: roster.first() },
            roster,
            limit: RestartTracker::new(declaration.limit),
            timers: Timers::default(),
            began: Began::now(),
            instances: 0,
            alive: 0,
            unresponsive: 0,
            waves: 0,
            held: 0,
            is_kept: false,
            names: None,
            last_number: 0,
            has_given_names: false,
            significant: 0,
            departures: Departures::default(),
            group_wait: None,
            given_up: 0,
            has_started: false,
            cause: None,
            totals: Totals::default(),
            ending: None,
            due: Vec::new(),
            stopping: HashMap::new(),
            mail: Vec::new(),
            fired: Vec::new(),
            declaration,
        }
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    /// Runs the supervisor to its end.
    pub(crate) async fn run(mut self) -> SageResult<()> {
        if let Err(error) = self.wait_for_earlier_runs().await {
            self.scope.end(Err(error.clone()));
            return Err(error);
        }
        if let Some(dynamic) = &self.declaration.dynamic {
            dynamic.whereabouts.tell(Arc::clone(&self.scope) as _);
        }
        let mut step = Step::Pause;
        loop {
            match step {
                Step::Wait => std::future::poll_fn(|cx| self.poll_turn(cx)).await,
                Step::Pause => self.pause().await,
                Step::Over(result) => {
                    let report = self.report();
                    self.scope.last_word().draft(report);
                    // The root's is told by who runs it.
                    if self.scope.is_nested() {
                        self.scope.end(result.clone());
                    }
                    return result;
                }
            }
            self.take_in();
            // Tasks see that they are killed before the order has come down to here: how they end
            // is no failure.
            if self.scope.is_killed() {
                self.kill_all();
            }
            self.decide();
            step = self.advance();
        }
    }

    /// Waits until nothing of an earlier run of this declaration is alive, or the supervisor is to
    /// end before it has begun.
    ///
    /// A dynamic supervisor can be listed twice if what is listed first is down, and in two trees.
    async fn wait_for_earlier_runs(&mut self) -> SageResult<()> {
        let vacated = self.scope.vacated().clone();
        let run = Arc::downgrade(&self.scope) as Weak<dyn Leaving>;
        let earlier = self.declaration.runs().enter(vacated, self.entry.clone(), run);
        for earlier in earlier.map_err(|RunsElsewhere| self.listed_twice())? {
            let mut over = pin!(earlier.cancelled());
            while matches!(self.mode, Mode::Starting { .. }) {
                let is_over = std::future::poll_fn(|cx| {
                    if over.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(true);
                    }
                    self.poll_turn(cx).map(|()| false)
                });
                if is_over.await {
                    break;
                }
                self.take_in();
            }
        }
        Ok(())
    }

    /// Drops all that was sent and is not answered. What is being sent at this very moment would be
    /// kept, unseen, as long as there is anybody who could send: it is waited for, which takes as long
    /// as a sender needs to write it down.
    fn close_inbox(&mut self) {
        self.inbox.close();
        let mut rest = pin!(tokio::task::unconstrained(std::future::poll_fn(|cx| {
            while let Poll::Ready(message) = self.inbox.poll_recv(cx) {
                match message {
                    // The waker of whoever asked may be a user's.
                    Some(message) => drop(contain(|| drop(message))),
                    None => return Poll::Ready(()),
                }
            }
            Poll::Pending
        })));
        let mut cx = Context::from_waker(Waker::noop());
        while rest.as_mut().poll(&mut cx).is_pending() {
            std::thread::yield_now();
        }
    }

    fn listed_twice(&self) -> SageError {
        let path = self.scope.lineage().to_string();
        SageError::Invalid(Box::new(InvalidTree { path, rule: InvalidRule::ListedTwice }))
    }
}

impl Drop for Engine {
    /// The ordinary end leaves nothing alive but what it has given up on. Dropped half way, the
    /// engine takes with it what it has started.
    fn drop(&mut self) {
        for slot in self.roster.slots() {
            if let Some(body) = &slot.body {
                body.kill();
                body.ask_to_stop();
            }
        }
        if self.scope.is_nested() {
            self.scope.end(Err(SageError::RuntimeShutdown));
        }
        self.close_inbox();
        self.scope.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::KillReason;
    use crate::report::Requester;
    use crate::{ChildContext, RestartConfig, Strategy, Supervisor};

    async fn stubborn(_: ChildContext) {
        std::future::pending::<()>().await;
    }

    fn supervisor() -> Supervisor {
        Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    }

    /// The deadline of `a` fires in the same turn in which it ends and everything is killed. What
    /// is set then may have its key, and must not be taken for it.
    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_has_fired_takes_no_other_with_it() {
        let tree = supervisor().child("a", stubborn).child("b", stubborn);
        let mut engine = Engine::root(tree.into_declaration());
        engine.advance();
        tokio::task::yield_now().await;
        engine.kill(engine.roster.first().expect("it has children"), KillReason::BrutalKill);
        engine.scope.kill(Requester::Handle);
        tokio::time::advance(Duration::from_secs(2)).await;
        std::future::poll_fn(|cx| engine.poll_turn(cx)).await;
        assert_eq!((engine.mail.len(), engine.fired.len()), (2, 1));
        engine.take_in();
        assert_eq!(engine.timers.len(), 1, "the grace of all that is killed");
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_half_way_it_takes_with_it_what_it_has_started() {
        let nested = supervisor().child("a", stubborn);
        let tree = supervisor().child("b", stubborn).child("nested", nested);
        let engine = Engine::root(tree.into_declaration());
        let vacated = engine.scope.vacated().clone();
        let running = tokio::time::timeout(Duration::from_secs(1), engine.run());
        running.await.expect_err("it runs until it is dropped");
        vacated.cancelled().await;
    }
}
