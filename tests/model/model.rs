//! The model: what a tree of supervisors does, by the rules of the contract, as plain data.
//!
//! Every supervisor has a mailbox. It acts by taking all that is in it (rule 16), deciding on the
//! restarts that follow, and going on as far as it can without waiting. What takes no time happens
//! at once; the contract does not say which of two supervisors acts first, nor which of two
//! deadlines at the same instant passes first. So the model has *moves*, and any of them may be the
//! next; [`explore`](crate::explore) makes all of them in every order.

use std::hash::{Hash, Hasher};

use crate::facts::{Exit, Failure, Told};
use crate::tree::{OnStop, Plan, RestartPolicy, Shutdown, Strategy};

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
    /// See [`Model::is_at_fault`].
    stale: Option<u64>,
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
            stale: None,
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

    /// A known fault of the engine, against rule 6: a child that is stopped before it is ready
    /// leaves its deadline behind, and a later instance, which has a deadline of its own, is taken
    /// for late when that of the earlier one passes. Such a history is left when that time has come.
    pub(crate) fn is_at_fault(&self) -> bool {
        self.children.iter().any(|child| child.stale.is_some_and(|stale| stale <= self.now))
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

    pub(crate) fn make(&mut self, next: Move) {
        match next {
            Move::Act(sup) => self.act(sup),
            Move::Says(worker) => {
                self.children[worker].says = false;
                self.ready(worker);
            }
            Move::Ends(worker) => {
                let (_, exit) = self.children[worker].ends.take().expect("it was told to end");
                self.gone(worker, exit);
            }
            Move::Deadline(child) => {
                self.children[child].deadline = None;
                let mail = Mail::Deadline(child, self.children[child].phase);
                self.runs[self.plan.units[child].parent].mail.push(mail);
            }
        }
    }

    /// A supervisor takes in all that has been delivered, decides, and goes on.
    fn act(&mut self, sup: usize) {
        let mut mail = std::mem::take(&mut self.runs[sup].mail);
        // A child that ended in time has met its deadline.
        mail.sort_by_key(|mail| matches!(mail, Mail::Deadline(..)));
        let mut due = Vec::new();
        for mail in mail {
            match mail {
                Mail::Begin => self.runs[sup].mode = Mode::Starting(0),
                Mail::Exit(child, exit) => due.extend(self.ended(sup, child, exit)),
                Mail::Ready(child) => self.is_ready(sup, child),
                Mail::Deadline(child, phase) => self.too_late(sup, child, phase),
                Mail::Stop => self.close(sup),
                Mail::Kill => self.runs[sup].mode = Mode::Killed,
            }
        }
        self.decide(sup, &due);
        self.go_on(sup);
    }

    // Starting.

    fn begin(&mut self, sup: usize) {
        for &child in &self.plan.units[sup].children {
            self.children[child].starts = 0;
            self.children[child].stale = None;
        }
        let run = &mut self.runs[sup];
        run.mode = Mode::Starting(0);
        run.mail = vec![Mail::Begin];
        run.charged.clear();
        run.has_started = false;
        run.failure = None;
        run.told.begins();
    }

    fn start(&mut self, sup: usize, unit: usize) {
        let worker = self.plan.units[unit].worker;
        let within = worker.and_then(|worker| worker.ready_within);
        // Rule 6: a worker has started when it is spawned, unless it declares readiness; a nested
        // supervisor when all its children have.
        let waits = worker.is_none() || within.is_some();
        let child = &mut self.children[unit];
        assert_eq!((child.phase, child.gone), (Phase::Down, true), "rule 14: one instance");
        child.phase = if waits { Phase::Starting } else { Phase::Up };
        child.asked = false;
        child.late = false;
        child.gone = false;
        child.starts += 1;
        child.says = worker.is_some_and(|worker| within.is_some() && child.starts <= worker.says);
        child.deadline = within.map(|within| self.now + within);
        let number = child.starts;
        self.tell(sup, format!("+{} #{number}", self.name(unit)));
        if worker.is_none() {
            self.begin(unit);
        }
    }

    fn is_ready(&mut self, sup: usize, unit: usize) {
        let child = &mut self.children[unit];
        if child.phase == Phase::Starting {
            child.phase = Phase::Up;
            child.deadline = None;
            self.tell(sup, format!("ready {}", self.name(unit)));
        }
    }

    // Stopping.

    /// Rule 22: by its shutdown setting.
    fn stop(&mut self, sup: usize, unit: usize) {
        let child = &mut self.children[unit];
        if child.phase == Phase::Starting && !child.late {
            child.stale = [child.stale, child.deadline].into_iter().flatten().min();
        }
        let timeout = match self.plan.units[unit].shutdown {
            Shutdown::BrutalKill => return self.kill(sup, unit),
            Shutdown::Timeout(time) => Some(self.now + time),
            Shutdown::Infinity => None,
        };
        self.tell(sup, format!("stop {}", self.name(unit)));
        let child = &mut self.children[unit];
        child.phase = Phase::Stopping;
        child.asked = true;
        child.deadline = timeout;
        let Some(worker) = self.plan.units[unit].worker else {
            return self.runs[unit].mail.push(Mail::Stop);
        };
        let (after, exit) = match worker.on_stop {
            Some(OnStop::Obey) => (0, Exit::Normal),
            Some(OnStop::Fail) => (0, Exit::Error("while stopping".to_owned())),
            Some(OnStop::Panic) => (0, Exit::Panic("while stopping".to_owned())),
            Some(OnStop::After(time)) => (time, Exit::Normal),
            Some(OnStop::Ignore) | None => return,
        };
        if !self.children[unit].gone {
            self.children[unit].ends = Some((self.now + after, exit));
        }
    }

    fn kill(&mut self, sup: usize, unit: usize) {
        self.tell(sup, format!("kill {}", self.name(unit)));
        let child = &mut self.children[unit];
        child.phase = Phase::Killed;
        child.asked = true;
        child.deadline = None;
        if !self.is_worker(unit) {
            self.abort(unit);
        } else if !self.children[unit].gone {
            self.children[unit].ends = Some((self.now, Exit::Killed));
        }
    }

    /// Rule 22: killing a supervisor aborts every descendant at once.
    fn abort(&mut self, sup: usize) {
        // What has been delivered before is still heard.
        let run = &mut self.runs[sup];
        if matches!(run.mode, Mode::Over | Mode::Killed) || run.mail.contains(&Mail::Kill) {
            return;
        }
        run.mail.push(Mail::Kill);
        run.told.is_killed();
        for &unit in &self.plan.units[sup].children {
            let child = &mut self.children[unit];
            child.deadline = None;
            if !child.gone {
                child.phase = Phase::Killed;
                child.asked = true;
            }
            if self.is_worker(unit) { self.gone(unit, Exit::Killed) } else { self.abort(unit) }
        }
    }

    /// A child out of time is killed (rule 22), or its start has failed (rule 6).
    fn too_late(&mut self, sup: usize, unit: usize, phase: Phase) {
        if self.children[unit].phase != phase {
            return;
        }
        if phase == Phase::Starting {
            self.children[unit].late = true;
            self.stop(sup, unit);
        } else {
            self.kill(sup, unit);
        }
    }

    fn close(&mut self, sup: usize) {
        let count = self.plan.units[sup].children.len();
        let run = &mut self.runs[sup];
        if !matches!(run.mode, Mode::Closing(_) | Mode::Killed) {
            run.mode = Mode::Closing(count);
        }
    }

    // Ending.

    /// An instance has ended; its supervisor will hear of it.
    fn gone(&mut self, unit: usize, exit: Exit) {
        let child = &mut self.children[unit];
        child.ends = None;
        child.says = false;
        if !child.gone {
            child.gone = true;
            self.runs[self.plan.units[unit].parent].mail.push(Mail::Exit(unit, exit));
        }
    }

    /// A supervisor hears of an exit. Given back is the child, if that leads to a restart.
    fn ended(&mut self, sup: usize, unit: usize, exit: Exit) -> Option<usize> {
        let child = &mut self.children[unit];
        let by_itself = !child.asked || child.late;
        let exit = match exit {
            _ if child.late => Exit::NotReady,
            // Rule 2.
            Exit::Normal if child.asked => Exit::Shutdown,
            exit if child.phase == Phase::Starting => Exit::FailedStart(Box::new(exit)),
            exit => exit,
        };
        child.phase = Phase::Down;
        child.deadline = None;
        child.last = Some(exit.clone());
        let first = child.starts == 1;
        self.tell(sup, format!("-{} {exit}", self.name(unit)));
        // Rule 7. The start of a child that was started before is a restart, which is rule 8: also
        // if it was never ready, and a group restart took it along.
        let run = &mut self.runs[sup];
        let begins = matches!(run.mode, Mode::Starting(_) | Mode::Restarting { .. });
        if exit.is_failed_start() && first && begins && !run.has_started {
            let path = self.plan.units[unit].path.clone();
            run.failure = Some(Failure::Start { path, exit: Box::new(exit) });
            self.close(sup);
            return None;
        }
        // Rule 3.
        let restarts = match self.plan.units[unit].policy {
            RestartPolicy::Permanent => true,
            RestartPolicy::Transient => exit.is_failure(),
            RestartPolicy::Temporary => false,
        };
        (by_itself && restarts).then_some(unit)
    }

    // Restarting.

    fn decide(&mut self, sup: usize, due: &[usize]) {
        let (Some(&earliest), unit) = (due.iter().min(), &self.plan.units[sup]) else { return };
        let place = self.place(earliest);
        match self.runs[sup].mode {
            // Rule 16: it belongs to the restart that is under way, and may widen it.
            Mode::Restarting { root, at } => {
                self.runs[sup].mode = Mode::Restarting { root: root.min(place), at };
            }
            Mode::Starting(_) | Mode::Running if unit.strategy == Strategy::OneForOne => {
                // Rule 9. In which order they are charged is not said: as they were delivered.
                for &child in due {
                    if !self.charge(sup, child, 0) {
                        return;
                    }
                    self.start(sup, child);
                }
            }
            mode @ (Mode::Starting(_) | Mode::Running) => {
                // Rule 15: those started before one that failed to start stay up.
                let failed = |child: &usize| {
                    let last = self.children[*child].last.as_ref();
                    mode != Mode::Running && last.is_some_and(Exit::is_failed_start)
                };
                let all = unit.strategy == Strategy::OneForAll && !due.iter().all(failed);
                // Rules 10 and 11.
                let (root, at) = (if all { 0 } else { place }, unit.children.len());
                if self.charge(sup, earliest, at - root - 1) {
                    self.runs[sup].mode = Mode::Restarting { root, at };
                }
            }
            Mode::Closing(_) | Mode::Killed | Mode::Over => {}
        }
    }

    /// Rules 17 and 18: whether one more restart is allowed. If not, the supervisor gives up.
    fn charge(&mut self, sup: usize, unit: usize, group: usize) -> bool {
        let run = &mut self.runs[sup];
        let mut used = 0;
        if let Some((max, within)) = self.plan.units[sup].limit {
            run.charged.retain(|then| self.now - then <= within);
            used = run.charged.len() + 1;
            if used > max as usize {
                let [path, child] = [sup, unit].map(|unit| self.plan.units[unit].path.clone());
                let exit = self.children[unit].last.clone().expect("it has ended");
                run.failure = Some(Failure::Limit { path, child, max, within, exit: exit.into() });
                self.tell(sup, format!("breaker {}", self.name(unit)));
                self.close(sup);
                return false;
            }
            run.charged.push(self.now);
        }
        self.tell(sup, format!("restart {} group={group} used={used}", self.name(unit)));
        true
    }

    // Going on.

    /// As far as is possible without waiting.
    fn go_on(&mut self, sup: usize) {
        let children = &self.plan.units[sup].children;
        loop {
            self.runs[sup].mode = match self.runs[sup].mode {
                // Rules 5 and 6: one after the other, each when the one before is ready.
                Mode::Starting(next) => {
                    if next > 0 && self.is_starting(children[next - 1]) {
                        return;
                    }
                    if next == children.len() {
                        self.runs[sup].has_started = true;
                        let above = self.plan.units[sup].parent;
                        if sup != 0 {
                            self.runs[above].mail.push(Mail::Ready(sup));
                        }
                        Mode::Running
                    } else {
                        self.start(sup, children[next]);
                        Mode::Starting(next + 1)
                    }
                }
                // Rule 10: in reverse, each waited for, and then from the root on in order.
                Mode::Restarting { root, at } if at == root => Mode::Starting(root),
                Mode::Restarting { root, at } => match self.bring_down(sup, children[at - 1]) {
                    true => Mode::Restarting { root, at: at - 1 },
                    false => return,
                },
                // Rules 18 and 22.
                Mode::Closing(0) => return self.over(sup),
                Mode::Closing(at) => match self.bring_down(sup, children[at - 1]) {
                    true => Mode::Closing(at - 1),
                    false => return,
                },
                // Rule 25: it ends when all children have ended for good.
                Mode::Running | Mode::Killed => {
                    let down = |child: &usize| self.children[*child].phase == Phase::Down;
                    return if children.iter().all(down) {
                        self.over(sup)
                    };
                }
                Mode::Over => return,
            }
        }
    }

    fn is_starting(&self, unit: usize) -> bool {
        let child = &self.children[unit];
        child.phase == Phase::Starting || (child.late && child.phase != Phase::Down)
    }

    /// Whether it is down; if not, it is stopped, unless it is being.
    fn bring_down(&mut self, sup: usize, unit: usize) -> bool {
        if matches!(self.children[unit].phase, Phase::Starting | Phase::Up) {
            self.stop(sup, unit);
        }
        self.children[unit].phase == Phase::Down
    }

    fn over(&mut self, sup: usize) {
        let run = &mut self.runs[sup];
        run.mode = Mode::Over;
        run.mail.clear();
        let failure = run.failure.take();
        if sup == 0 {
            self.result = Some(failure.map_or(Ok(()), Err));
        } else {
            // Rules 19 and 25.
            self.gone(sup, failure.map_or(Exit::Normal, Exit::Nested));
        }
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
