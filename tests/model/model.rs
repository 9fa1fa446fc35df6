//! The model: what a tree of supervisors does, by the rules of the contract, as plain data.
//!
//! Every supervisor has a mailbox. It acts by taking all that is in it (rule 16), deciding on the
//! restarts that follow, and going on as far as it can without waiting. What takes no time happens
//! at once; the contract does not say which of two supervisors acts first, nor which of two
//! deadlines at the same instant passes first. So the model has *moves*, and any of them may be the
//! next; [`explore`](crate::explore) makes all of them in every order.

mod rules;

use std::hash::{Hash, Hasher};

use crate::facts::{Exit, Failure, Told};
use crate::tree::Plan;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Phase {
    Down,
    /// It has been started, and what comes after it waits until it is ready.
    Starting,
    Up,
    Stopping,
    Killed,
}

/// A child, as its supervisor sees it; and if it is a worker, what is known of its instance.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Child {
    phase: Phase,
    /// Its supervisor has told it to stop.
    asked: bool,
    /// It was not ready in time, and is stopped for that.
    late: bool,
    /// When its supervisor loses patience with its start or its stop.
    deadline: Option<u64>,
    /// It is about to say that it is ready.
    says: bool,
    /// When and how it ends, having been told to.
    ends: Option<(u64, Exit)>,
    /// Its instance has ended, whether its supervisor knows or not.
    gone: bool,
    /// How often it has been started in this run of its supervisor.
    starts: u32,
    last: Option<Exit>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mode {
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
    /// Everything below has been aborted.
    Killed,
}

/// One run of a supervisor.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Run {
    mode: Mode,
    mail: Vec<Mail>,
    /// When restarts were charged.
    charged: Vec<u64>,
    /// All of its children have been started once.
    has_started: bool,
    failure: Option<Failure>,
    told: Told,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Mail {
    Begin,
    Exit(usize, Exit),
    Ready(usize),
    Deadline(usize, Phase),
    Stop,
    Kill,
}

/// What can happen next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Move {
    /// This supervisor acts on its mail.
    Act(usize),
    /// This worker says that it is ready.
    Says(usize),
    /// This child has taken its time to stop.
    Ends(usize),
    /// The deadline of this child passes.
    Deadline(usize),
}

#[derive(Clone)]
pub(crate) struct Model<'p> {
    plan: &'p Plan,
    pub(crate) now: u64,
    children: Vec<Child>,
    /// Those of the supervisors, under the same numbers.
    runs: Vec<Run>,
    pub(crate) result: Option<Result<(), Failure>>,
}

impl<'p> Model<'p> {
    /// The root is about to begin.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let child = Child {
            phase: Phase::Down,
            asked: false,
            late: false,
            deadline: None,
            says: false,
            ends: None,
            gone: true,
            starts: 0,
            last: None,
        };
        let run = Run {
            mode: Mode::Over,
            mail: Vec::new(),
            charged: Vec::new(),
            has_started: false,
            failure: None,
            told: Told::default(),
        };
        let count = plan.units.len();
        let (children, runs) = (vec![child; count], vec![run; count]);
        let mut model = Self { plan, now: 0, children, runs, result: None };
        model.begin(0);
        model
    }

    // What is done from outside.

    /// A worker ends by itself.
    pub(crate) fn end(&mut self, worker: usize, exit: Exit) {
        self.gone(worker, exit);
    }

    /// A worker says that it is ready.
    pub(crate) fn ready(&mut self, worker: usize) {
        self.runs[self.plan.units[worker].parent].mail.push(Mail::Ready(worker));
    }

    /// Before what has ended at this instant, or after it.
    pub(crate) fn shut_down(&mut self, first: bool) {
        let mail = &mut self.runs[0].mail;
        mail.insert(if first { 0 } else { mail.len() }, Mail::Stop);
    }

    /// Rule 26: the end of everything below, synchronously.
    pub(crate) fn kill_tree(&mut self) {
        self.abort(0);
    }

    /// What has been told since this was last asked, by supervisor.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        self.runs.iter_mut().map(|run| run.told.take()).collect()
    }

    pub(crate) fn alive(&self) -> Vec<usize> {
        let workers = (0..self.children.len()).filter(|&unit| self.is_worker(unit));
        workers.filter(|&unit| !self.children[unit].gone).collect()
    }

    // What can happen.

    pub(crate) fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for (unit, (child, run)) in self.children.iter().zip(&self.runs).enumerate() {
            if !run.mail.is_empty() && run.mode != Mode::Over {
                moves.push(Move::Act(unit));
            }
            if child.says {
                moves.push(Move::Says(unit));
            }
            if child.ends.as_ref().is_some_and(|(time, _)| *time == self.now) {
                moves.push(Move::Ends(unit));
            }
            if child.deadline == Some(self.now) {
                moves.push(Move::Deadline(unit));
            }
        }
        moves
    }

    /// When something happens next by itself, if nothing can happen now.
    pub(crate) fn next_time(&self) -> Option<u64> {
        let times = self
            .children
            .iter()
            .flat_map(|child| [child.ends.as_ref().map(|(time, _)| *time), child.deadline]);
        times.flatten().min()
    }

    fn tell(&mut self, sup: usize, fact: String) {
        self.runs[sup].told.push(fact);
    }

    fn is_worker(&self, unit: usize) -> bool {
        self.plan.units[unit].worker.is_some()
    }

    fn name(&self, unit: usize) -> &'p str {
        let path = &self.plan.units[unit].path;
        &path[path.len() - 1..]
    }

    /// Its place among its siblings.
    fn place(&self, unit: usize) -> usize {
        let siblings = &self.plan.units[self.plan.units[unit].parent].children;
        siblings.iter().position(|&child| child == unit).expect("it is a child of its parent")
    }

    fn key(&self) -> impl Hash + Eq + '_ {
        (self.now, &self.children, &self.runs, &self.result)
    }
}

impl PartialEq for Model<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Model<'_> {}

impl Hash for Model<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
