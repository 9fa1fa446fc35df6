//! The strategy engine: one loop for each supervisor, and the only place that spawns, waits for and
//! aborts instances.
//!
//! The engine carries decisions out. The decisions themselves are pure functions over plain data, with
//! tables as tests: the policies, limits and backoffs are in the policy crate; the class of an exit,
//! its consequences, the group to restart, the end with significant children, the wait for an
//! unresponsive task, the answers to commands and the steps of a procedure are beside the code that
//! carries them out.
//!
//! An engine runs in turns ([`run`](Engine::run)). A turn takes in everything that has been delivered
//! ([`take_in`](Engine::take_in)), acts on the restarts that follow
//! ([`restart_due`](Engine::restart_due)), goes on with the present procedure as far as possible
//! without waiting ([`advance`](Engine::advance)), and answers the questions about all children
//! ([`answer_queries`](Engine::answer_queries)). If more has been delivered than one turn may handle
//! ([`inbox`]), the turns until then only take in, unless the supervisor is ending.
//!
//! # Phases of a child
//!
//! ```text
//!        start           ready       stop            kill          kill grace over
//!   Down ─────► Starting ─────► Up ─────► Stopping ─────► Killed ─────────────────► Unresponsive
//!    ▲              │           │            │              │                            │
//!    └──────────────┴───────────┴────────────┴──────────────┴────────────────────────────┘
//!                      exit, once nothing of the instance is alive
//! ```
//!
//! A phase moves to the right only, and may skip others: a child that declares no readiness is up at
//! once, an unready one can be stopped, and a kill needs no stop before it. A nested supervisor that has
//! ended without some of its tasks moves to [`Unresponsive`](phase::Phase::Unresponsive) by its
//! exit, and is down when those tasks are gone. [`Children`](children::Children) alone changes
//! phases.
//!
//! # Modes of a supervisor
//!
//! ```text
//!   Starting ──── all are started ────► Running ──── the last child is down ────► over
//!    ▲    │                              │
//!    │    └─────────────┬────────────────┘
//!    │                  │ an exit leads to the restart of a group
//!    │                  ▼
//!    └─ all are down ─ Restarting
//!
//!   Starting, Running, Restarting ──► Closing (in order), or Draining (all at once) ──► over
//!   Closing ──► Draining, when a bounded time leaves no more than its reserve
//!   Starting, Running, Restarting, Closing, Draining ──► Killing ──► over
//! ```
//!
//! A child that is added while others are started is queued behind them. An exit before the root widens
//! a restart that is under way. Children that start together wait for nobody, and the mode goes on when
//! all of them have started; children that stop together are all asked when a restart begins, or widens,
//! and its procedure only waits for them.
//!
//! # Who moves a child in which mode
//!
//! | | [`Starting`], [`Running`] | [`Restarting`] | [`Closing`], [`Draining`] | [`Killing`] |
//! |---|---|---|---|---|
//! | starts it | the procedure, its exit, its backoff, a command | a command and what follows from it, before the root | nobody | nobody |
//! | stops it | a command, its readiness deadline, its decline | the procedure, and as before | the procedure, and as before | nobody |
//! | kills it | its shutdown setting or timeout, a missed heartbeat, a command | as before | as before | the procedure |
//! | gives it another spec | a command, a reload; once it is down | a command; once it is down | its exit after a command | as before |
//! | removes it | the procedure, a command, a reload, its exit | a command, its exit | its exit after a command: a stop, or a start that has failed | as before |
//!
//! # Invariants
//!
//! 1. A slot has at most one instance. An instance is started only from
//!    [`Down`](phase::Phase::Down), and [`Children::begin`](children::Children::begin) asserts it; a
//!    slot becomes down only when its instance has reported its end, which the instance does after its
//!    future has been dropped.
//! 2. Nothing is waited for in place. Every wait is a phase of a slot or the mode of the engine, so a
//!    message that arrives meanwhile is handled at once.
//! 3. All delivered exits are taken in before any restart is decided, because an exit only marks its
//!    slot as due. Exits at the same moment therefore make one group restart, and none is lost. This
//!    holds also if the delivery is taken in by several turns.
//! 4. Nothing is started once the mode is ending: the procedures that start children do not run in these
//!    modes, and everything else that starts a child asks [`is_ending`](Engine::is_ending) first. A
//!    start that races with a kill from above is killed by the message of that kill.
//! 5. An exit costs O(1), whatever the number of siblings. The restart of a group, a shutdown and a kill
//!    walk over the slots; so do the end of a kill grace that several children share, the first lookup
//!    of a name, and a departure under
//!    [`AllSignificant`](crate::AutoShutdown::AllSignificant) while no significant child is alive. Where
//!    restarts are forgiven, an exit and a removal walk over the history of the restart limit, which has
//!    no more than 4,096 entries. A reload walks over the slots a fixed number of times.
//! 6. The counters over the slots, the deadlines and the index by name agree with the slots, because
//!    [`Children`](children::Children) alone changes the fields that they depend on.
//! 7. A deadline of a group is pending only in the mode [`Restarting`].
//! 8. No child of the tree waits for a command that waits for that child. The children that an answer
//!    depends on are checked before the command is carried out, and again after each turn that has
//!    added to them ([`review_waits`](Engine::review_waits)). A child that waits for room in a dynamic
//!    supervisor waits for whichever child ends first, and not for a certain one, so it is not checked. It
//!    is answered at the latest when that supervisor begins to end.
//! 9. Between two points at which other tasks run, an engine handles at most 1,024 messages, answers at
//!    most as many callers of one child, and walks over all children at most once for each kind of
//!    question. The conditions that callers wait for are checked at each change of their child, however
//!    many they are.
//! 10. The declaration of a run is its own, and no run changes the plan that it was started from. The
//!     spec of a slot is the declared one, or the declared one waits for the end of the instance. A nested
//!     engine tells every change of its declaration to its parent before it reports its exit.
//! 11. A limit on children is acted upon only if [`begins_again`](Engine::begins_again) does not give it
//!     more time. A limit of one child gets more time a bounded number of times, and the grace of a wave
//!     as long as its members end.
//!
//! # Folders
//!
//! Arrows between the folders run one way: `run` uses `turn`, which uses `command` and `exit`; both use
//! `procedure`, which uses `ending` and `view`; all of them use `children`, which uses `time`.
//!
//! [`Starting`]: mode::Mode::Starting
//! [`Running`]: mode::Mode::Running
//! [`Restarting`]: mode::Mode::Restarting
//! [`Closing`]: mode::Mode::Closing
//! [`Draining`]: mode::Mode::Draining
//! [`Killing`]: mode::Mode::Killing

mod children;
mod command;
mod ending;
mod exit;
mod inbox;
mod mode;
mod phase;
mod procedure;
mod reloads;
mod reporter;
mod run;
mod time;
mod timeouts;
mod turn;
mod view;

use std::sync::{Arc, Weak};

pub(crate) use self::time::Clock;
pub(crate) use self::view::declared;

use self::children::Children;
use self::ending::EndNotes;
use self::exit::Verdicts;
use self::inbox::Inbox;
use self::mode::Mode;
use self::procedure::{Bounded, Reviewed, Waves};
use self::reloads::Reloads;
use self::time::{Moment, Timers};
use self::timeouts::Timeouts;
use self::view::{Queries, Startup};
use crate::child::{ChildSpec, Declaration, Scope};
use crate::event::ChildEvent;
use crate::lineage::Lineage;
use crate::policy::RestartTracker;
use crate::scope::ChildId;

/// The engine of one run of one supervisor.
pub(crate) struct Engine {
    scope: Arc<Scope>,
    declaration: Arc<Declaration>,
    /// The entry of this supervisor in its parent, if it is nested.
    entry: Weak<ChildSpec>,
    /// The settings of the parent, which this supervisor has unless it sets its own.
    inherited: Inherited,
    timeouts: Timeouts,
    /// `true` unless this supervisor, or the one that decides for it, is to be without spans.
    has_spans: bool,
    mode: Mode,
    children: Children,
    /// The restarts that count for the limit, each charged to its child if that child can be forgiven.
    limit: RestartTracker<Moment, Option<ChildId>>,
    /// The number of restarts that were not counted, because a backoff delayed them.
    uncounted: u64,
    clock: Clock,
    timers: Timers,
    /// The deadline at which the group that is being restarted is started.
    group_start: Option<Moment>,
    waves: Waves,
    /// Present once a supervisor with a bounded time stops in order.
    bounded: Option<Box<Bounded>>,
    /// The first child that may not have started, of those that start together.
    awaited: Option<ChildId>,
    startup: Startup,
    notes: EndNotes,
    verdicts: Verdicts,
    inbox: Inbox,
    queries: Queries,
    reviewed: Reviewed,
    reloads: Reloads,
}

/// The settings that a supervisor has from its parent unless it sets its own.
#[derive(Clone, Copy)]
struct Inherited {
    timeouts: Timeouts,
    has_spans: bool,
}

impl Inherited {
    const ROOT: Self = Self { timeouts: Timeouts::DEFAULT, has_spans: true };
}

impl Engine {
    /// Creates the engine of a whole tree.
    pub(crate) fn root(declaration: Arc<Declaration>) -> Self {
        let scope = Scope::root(Lineage::root(declaration.root_name()));
        Self::new(declaration, Weak::new(), scope, None)
    }

    fn new(
        declaration: Arc<Declaration>,
        entry: Weak<ChildSpec>,
        scope: Arc<Scope>,
        above: Option<&Self>,
    ) -> Self {
        // Handles of a dynamic supervisor reach this run from now on, unless an earlier run is not over
        // yet.
        if let Some(dynamic) = &declaration.dynamic {
            let earlier = dynamic.current_run.get();
            if earlier.is_none_or(|earlier| earlier.vacated().is_cancelled()) {
                dynamic.current_run.set(Arc::clone(&scope));
            }
        }
        let inherited = above.map_or(Inherited::ROOT, |above| Inherited {
            timeouts: above.timeouts,
            has_spans: above.has_spans,
        });
        let mut children = Children::with_room_for(declaration.children.len());
        for spec in &declaration.children {
            children.add_last(spec.shared_name(), Arc::clone(spec));
        }
        Self {
            scope,
            entry,
            timeouts: Timeouts::of(&declaration, inherited.timeouts),
            has_spans: declaration.child_spans.unwrap_or(inherited.has_spans),
            inherited,
            mode: Mode::Starting { next: children.first() },
            children,
            limit: RestartTracker::new(declaration.limit),
            uncounted: 0,
            clock: Clock::new(),
            timers: Timers::default(),
            group_start: None,
            waves: Waves::default(),
            bounded: None,
            awaited: None,
            startup: Startup::now(),
            notes: EndNotes::new(declaration.dynamic.is_some()),
            verdicts: Verdicts::default(),
            inbox: Inbox::default(),
            queries: Queries::default(),
            reviewed: Reviewed::default(),
            reloads: Reloads::default(),
            declaration,
        }
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    /// Tells all subscribers what happened to a child.
    fn tell(&self, child: ChildId, event: &ChildEvent<'_>) {
        self.scope.emit(self.children[child].name(), event, self.clock.now());
    }
}
