//! The model: the behaviour of a tree of supervisors by the rules of the contract, as plain data.
//!
//! Every supervisor has a mailbox. In its turn a supervisor takes all that is in the mailbox (rule
//! 16), decides on the restarts that follow, and goes on as far as it can without waiting.
//! Operations that take no time happen at once. The contract leaves open which of two supervisors
//! acts first, and which of two deadlines at the same instant passes first. The model therefore has
//! *moves*, and any possible move may be the next; [`explore`](crate::explore) makes them in every
//! order.
//!
//! The modules below hold the rules, under the numbers of the contract.

mod bounded;
mod by_hand;
mod data;
mod ending;
mod forgiving;
mod giving_up;
mod going_on;
mod heartbeat;
mod members;
mod restarting;
mod shared;
mod shown;
mod significance;
mod starting;
mod stopping;
mod turn;
mod waiting;

use std::hash::{Hash, Hasher};

use self::data::{Caller, Child, Departed, Mail, Mode, Phase, Run, StopCause, Until, Wish};
use self::shared::Shared;
use crate::answers::{Answer, Met, Note};
use crate::facts::{Exit, Failure, Told};
use crate::history::Command;
use crate::plan::Plan;

/// A move: something that can happen next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Move {
    /// The supervisor acts on its mail.
    Act(usize),
    /// The worker reports readiness.
    Says(usize),
    /// The child has taken its time to stop, and ends.
    Ends(usize),
    /// The deadline of the child passes.
    Deadline(usize),
    /// The delay of the group that the supervisor restarts is over.
    Release(usize),
    /// The supervisor looks at its reserve.
    Look(usize),
}

#[derive(Clone)]
pub(crate) struct Model<'p> {
    plan: &'p Plan,
    pub(crate) now: u64,
    children: Shared<Child>,
    /// The runs of the supervisors, under the same numbers as the children.
    runs: Shared<Run>,
    pub(crate) result: Option<Result<(), Failure>>,
    /// The answers, each with the number of its command.
    pub(crate) answers: Vec<(usize, Answer)>,
    /// The states that the commands have met. They are not compared with the tree.
    pub(crate) met: Vec<(Command, Met)>,
    /// The rare events that have happened. They are not compared either.
    pub(crate) notes: Vec<Note>,
}

impl<'p> Model<'p> {
    /// A model in which the root is about to begin.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let count = plan.units.len();
        let (children, runs) = (Shared::new(Child::NEW, count), Shared::new(Run::new(), count));
        let (answers, met, notes) = (Vec::new(), Vec::new(), Vec::new());
        let mut model = Self { plan, now: 0, children, runs, result: None, answers, met, notes };
        model.begin(0);
        model
    }

    // The following methods are the inputs of a model.

    /// A worker ends by itself.
    pub(crate) fn end(&mut self, worker: usize, exit: Exit) {
        self.gone(worker, exit);
    }

    /// A worker reports readiness.
    pub(crate) fn ready(&mut self, worker: usize) {
        self.children[worker].stirred = self.now;
        self.post(self.plan.units[worker].parent, Mail::Ready(worker));
    }

    /// A worker declines to run.
    pub(crate) fn decline(&mut self, worker: usize) {
        self.children[worker].stirred = self.now;
        self.post(self.plan.units[worker].parent, Mail::Decline(worker));
    }

    /// Inserts a request to stop among the other inputs of this instant. It may come before all of
    /// them, after the commands, or last.
    pub(crate) fn shut_down(&self) -> Vec<Self> {
        let mail = &self.runs[0].mail;
        let by_hand = |mail: &&Mail| matches!(mail, Mail::Command(_) | Mail::Inquiry(..));
        let asked = mail.iter().take_while(by_hand).count();
        let mut places = vec![0, asked, mail.len()];
        places.dedup();
        let at = |place| {
            let mut state = self.clone();
            state.runs[0].mail.insert(place, Mail::Stop);
            state
        };
        places.into_iter().map(at).collect()
    }

    /// Rule 26: kills all tasks of the tree at once.
    pub(crate) fn kill_tree(&mut self) {
        self.abort(0);
    }

    /// The facts that each supervisor has reported since the last call.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        for sup in 0..self.plan.units.len() {
            let is_silent = self.runs[sup].told.is_empty();
            told.push(if is_silent { Told::default() } else { self.runs[sup].told.take() });
        }
        told
    }

    /// The paths of the supervisors that were killed.
    pub(crate) fn killed(&self) -> Vec<String> {
        let killed = self.plan.units.iter().zip(self.runs.iter()).filter(|(_, run)| run.killed);
        killed.map(|(unit, _)| unit.path.clone()).collect()
    }

    pub(crate) fn alive(&self) -> Vec<usize> {
        let workers = (0..self.plan.units.len()).filter(|&unit| self.is_worker(unit));
        workers.filter(|&unit| !self.children[unit].gone).collect()
    }

    // The following methods are the possible moves.

    pub(crate) fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for (unit, (child, run)) in self.children.iter().zip(self.runs.iter()).enumerate() {
            if !run.mail.is_empty() && run.mode != Mode::Over {
                moves.push(Move::Act(unit));
            }
            if run.hold == Some(self.now) {
                moves.push(Move::Release(unit));
            }
            if run.look_at == Some(self.now) {
                moves.push(Move::Look(unit));
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

    /// The time of the next event, if no move is possible now.
    pub(crate) fn next_time(&self) -> Option<u64> {
        let times = self
            .children
            .iter()
            .flat_map(|child| [child.ends.as_ref().map(|(time, _)| *time), child.deadline]);
        let of_runs = self.runs.iter().flat_map(|run| [run.hold, run.look_at]);
        times.chain(of_runs).flatten().min()
    }

    fn tell(&mut self, sup: usize, what: &str, unit: usize) {
        let fact = format!("{what}{}", self.plan.name(unit));
        self.runs[sup].told.push(fact);
    }

    fn is_worker(&self, unit: usize) -> bool {
        self.plan.units[unit].worker.is_some()
    }
}

impl PartialEq for Model<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.now, &self.answers, &self.result) == (other.now, &other.answers, &other.result)
            && self.children == other.children
            && self.runs == other.runs
    }
}

impl Eq for Model<'_> {}

impl Hash for Model<'_> {
    /// Hashes only the data that differ most between states.
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (child, run) in self.children.iter().zip(self.runs.iter()) {
            (child.phase as u8, child.gone, run.mail.len()).hash(state);
        }
    }
}
