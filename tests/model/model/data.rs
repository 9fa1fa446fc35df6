//! The data that a model consists of.

use crate::answers::Request;
use crate::facts::{Exit, Failure, Told, Unclean};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Phase {
    Down,
    /// The child has been started, and the next one waits until it is ready.
    Starting,
    Up,
    Stopping,
    Killed,
}

/// A child as its supervisor sees it, and for a worker the state of its instance.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Child {
    pub(super) phase: Phase,
    /// `true` if the supervisor has asked the child to stop.
    pub(super) asked: bool,
    /// `true` if the child was killed in the final stop because its shutdown timed out.
    pub(super) timed_out: bool,
    /// The reason for the stop of an instance that is stopped before it was ready.
    pub(super) stop_cause: Option<StopCause>,
    /// The deadline of the start, the stop, the heartbeat or the delay, by the phase of the child.
    pub(super) deadline: Option<u64>,
    /// The time at which the instance last had a reason to run.
    pub(super) stirred: u64,
    /// The time since which the child is up.
    pub(super) up_since: Option<u64>,
    /// The number of restarts in a row since an instance was up for long.
    pub(super) streak: u64,
    /// `true` if the child is down, and will be started at its deadline.
    pub(super) waits: bool,
    /// The times at which restarts were charged to the child's own limit.
    pub(super) charged: Vec<u64>,
    /// `true` if the child is down because it has reached its own limit.
    pub(super) given_up: bool,
    /// `true` if the worker is about to report readiness.
    pub(super) says: bool,
    /// The time and the exit of an instance that has been told to end.
    pub(super) ends: Option<(u64, Exit)>,
    /// `true` if the instance has ended, even if the supervisor has not handled the exit yet.
    pub(super) gone: bool,
    /// The number of starts in this run of the supervisor.
    pub(super) starts: u64,
    /// The number of starts in all runs.
    pub(super) instance: u64,
    pub(super) last: Option<Exit>,
    /// `true` if the child was added at run time.
    pub(super) added: bool,
    /// `true` if the child has been up since it was listed.
    pub(super) was_up: bool,
    /// The step that follows when the child is down.
    pub(super) wish: Wish,
    /// `true` if another spec takes the place of the present one once the child is down.
    pub(super) replaced: bool,
    /// `true` if a command has caused the present start.
    pub(super) by_hand: bool,
    /// The callers that wait for the child.
    pub(super) callers: Vec<Caller>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum StopCause {
    /// The instance was not ready in time.
    Late,
    Declined,
    /// The instance sent no heartbeat in time.
    Silent,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Wish {
    /// The restart policy decides.
    Policy,
    /// The child was stopped by hand, and stays down.
    Stay,
    /// The child was restarted by hand, and will be started.
    Start,
}

/// A caller that waits until the child is up, or until it is down.
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
    /// The supervisor does not run.
    Over,
    /// The children before this place have been started. The last of them may not be ready yet.
    Starting(usize),
    Running,
    /// A group is being stopped, and will be started again from `root` on. The children from `at`
    /// on are down.
    Restarting {
        root: usize,
        at: usize,
    },
    /// All children are being stopped in reverse order. The children from this place on are down.
    Closing(usize),
    /// All children have been asked to stop at once.
    Draining,
    /// All tasks below the supervisor have been aborted.
    Killed,
}

/// A run of a supervisor.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) mode: Mode,
    /// The instances of the supervisors above to which the run belongs or belonged, the parent
    /// first.
    pub(super) above: Vec<u64>,
    pub(super) mail: Vec<Mail>,
    /// The children, in start order.
    pub(super) order: Vec<usize>,
    /// The children that have ended in this turn and are to be restarted.
    pub(super) due: Vec<usize>,
    /// The significant children that have ended for good in this turn.
    pub(super) departed: Vec<Departed>,
    /// The failures of significant children that ended for good and were not started since.
    pub(super) lost: Vec<(Option<usize>, Failure)>,
    /// The times at which restarts were charged, and the child of each. A removed child is left out.
    pub(super) charged: Vec<(u64, Option<usize>)>,
    /// The child that a start of all children at once waits for.
    pub(super) awaited: Option<usize>,
    /// The time until which the group that is being restarted waits.
    pub(super) hold: Option<u64>,
    /// The time by which the supervisor has to be down, if its stop is bounded.
    pub(super) bound: Option<u64>,
    /// The whole time that it had for its stop, once it stops in order.
    pub(super) given: Option<u64>,
    /// The time of the next look at the reserve.
    pub(super) look_at: Option<u64>,
    /// `true` if all children have been started once.
    pub(super) has_started: bool,
    /// `true` if the last child was removed by hand.
    pub(super) kept: bool,
    /// `true` if the supervisor or one above it is killed. The exits of its tasks are then no
    /// failures.
    pub(super) killed: bool,
    pub(super) failure: Option<Failure>,
    /// The children here and below that failed in the final stop.
    pub(super) unclean: Vec<Unclean>,
    pub(super) told: Told,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Departed {
    pub(super) unit: usize,
    /// `true` if the child has been removed since.
    pub(super) removed: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Mail {
    /// A message without content, which lets a new run go on.
    Begin,
    Exit(usize, Exit),
    Ready(usize),
    Decline(usize),
    /// The deadline of an instance of a child, in a certain phase.
    Deadline(usize, u64, Phase),
    Command(Request),
    /// A question whether a dynamic supervisor will come back.
    Inquiry(usize, Request),
    /// The time that the supervisor has to stop, which is stopping, has become shorter.
    Bounded,
    Stop,
    Kill,
}

impl Child {
    pub(super) const NEW: Self = Self {
        phase: Phase::Down,
        asked: false,
        timed_out: false,
        stop_cause: None,
        deadline: None,
        stirred: 0,
        up_since: None,
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
        replaced: false,
        by_hand: false,
        callers: Vec::new(),
    };
}

impl Run {
    /// The state of a supervisor that does not run.
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
            awaited: None,
            hold: None,
            bound: None,
            given: None,
            look_at: None,
            has_started: false,
            kept: false,
            killed: false,
            failure: None,
            unclean: Vec::new(),
            told: Told::default(),
        }
    }
}
