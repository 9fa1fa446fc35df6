//! What a model is made of: plain data.

use crate::answers::Request;
use crate::facts::{Exit, Failure, Told};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Phase {
    Down,
    /// It has been started, and what comes after it waits until it is ready.
    Starting,
    Up,
    Stopping,
    Killed,
}

/// A child, as its supervisor sees it; and if it is a worker, what is known of its instance.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Child {
    pub(super) phase: Phase,
    /// Its supervisor has told it to stop.
    pub(super) asked: bool,
    /// Why it is stopped before it was ready, if that is why.
    pub(super) verdict: Option<Verdict>,
    /// When its supervisor loses patience with its start or its stop.
    pub(super) deadline: Option<u64>,
    /// When it last had a reason to run.
    pub(super) stirred: u64,
    /// Since when it is up.
    pub(super) up_since: Option<u64>,
    /// How long its last instance was up.
    pub(super) up_for: u64,
    /// How many restarts there were in a row, without one being up for long.
    pub(super) streak: u64,
    /// It is down, and is started at its deadline.
    pub(super) waits: bool,
    /// When restarts were charged to its own limit.
    pub(super) charged: Vec<u64>,
    /// It is down because of that.
    pub(super) given_up: bool,
    /// It is about to say that it is ready.
    pub(super) says: bool,
    /// When and how it ends, having been told to.
    pub(super) ends: Option<(u64, Exit)>,
    /// Its instance has ended, whether its supervisor knows or not.
    pub(super) gone: bool,
    /// How often it has been started in this run of its supervisor.
    pub(super) starts: u64,
    /// How often in all.
    pub(super) instance: u64,
    pub(super) last: Option<Exit>,
    /// It was added at run time.
    pub(super) added: bool,
    /// It has been up since it was listed.
    pub(super) was_up: bool,
    /// What follows when it is down.
    pub(super) wish: Wish,
    /// Its present start was asked for by hand.
    pub(super) by_hand: bool,
    /// Who waits for it.
    pub(super) callers: Vec<Caller>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Verdict {
    /// It was not ready in time.
    Late,
    Declined,
    /// It gave no heartbeat.
    Silent,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Wish {
    /// What its policy says.
    Policy,
    /// It was stopped by hand, and stays down.
    Stay,
    /// It was restarted by hand, and is started.
    Start,
}

/// Whoever has given a command waits until the child is up, or down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Caller {
    pub(super) number: usize,
    pub(super) until: Until,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Until {
    Up,
    Down,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Mode {
    /// It does not run.
    Over,
    /// The children before this place have been started; the last of them may not be ready.
    Starting(usize),
    Running,
    /// Stopping a group, of which those from `at` on are down, to start it from `root` again.
    Restarting {
        root: usize,
        at: usize,
    },
    /// Stopping everything; the children from this place on are down.
    Closing(usize),
    /// Everything has been asked to stop at once.
    Draining,
    /// Everything below has been aborted.
    Killed,
}

/// One run of a supervisor.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) mode: Mode,
    /// Which instances of those above it belongs to, or belonged: its parent first.
    pub(super) above: Vec<u64>,
    pub(super) mail: Vec<Mail>,
    /// Its children, in start order.
    pub(super) order: Vec<usize>,
    /// Those of which it has heard in this turn that they ended, and are to be restarted.
    pub(super) due: Vec<usize>,
    /// Significant ones of which it has heard in this turn that they ended for good.
    pub(super) departed: Vec<Departed>,
    /// The failures of significant children that ended for good and were not started since.
    pub(super) lost: Vec<(Option<usize>, Failure)>,
    /// When restarts were charged.
    pub(super) charged: Vec<u64>,
    /// Until when the group that is being restarted waits.
    pub(super) hold: Option<u64>,
    /// All of its children have been started once.
    pub(super) has_started: bool,
    /// The last child was removed by hand.
    pub(super) kept: bool,
    /// It is killed, or one above it is: however its tasks end, they have not failed.
    pub(super) doomed: bool,
    pub(super) failure: Option<Failure>,
    pub(super) told: Told,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Departed {
    pub(super) unit: usize,
    /// It has been removed since.
    pub(super) removed: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Mail {
    /// Nothing but that it may go on.
    Begin,
    Exit(usize, Exit),
    Ready(usize),
    Decline(usize),
    /// Of that instance of a child, in that phase.
    Deadline(usize, u64, Phase),
    Command(Request),
    /// Whether this dynamic supervisor will come back.
    Inquiry(usize, Request),
    Stop,
    Kill,
}

impl Child {
    pub(super) const NEW: Self = Self {
        phase: Phase::Down,
        asked: false,
        verdict: None,
        deadline: None,
        stirred: 0,
        up_since: None,
        up_for: 0,
        streak: 0,
        waits: false,
        charged: Vec::new(),
        given_up: false,
        says: false,
        ends: None,
        gone: true,
        starts: 0,
        instance: 0,
        last: None,
        added: false,
        was_up: false,
        wish: Wish::Policy,
        by_hand: false,
        callers: Vec::new(),
    };
}

impl Run {
    /// One that does not run.
    pub(super) fn new() -> Self {
        Self {
            mode: Mode::Over,
            above: Vec::new(),
            mail: Vec::new(),
            order: Vec::new(),
            due: Vec::new(),
            departed: Vec::new(),
            lost: Vec::new(),
            charged: Vec::new(),
            hold: None,
            has_started: false,
            kept: false,
            doomed: false,
            failure: None,
            told: Told::default(),
        }
    }
}
