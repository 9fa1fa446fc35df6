//! The rules: what a supervisor does with what it is told. The numbers are those of the contract.

use super::{Mail, Mode, Model, Move, Phase};
use crate::facts::{Exit, Failure};
use crate::tree::{OnStop, RestartPolicy, Shutdown, Strategy};

impl Model<'_> {
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

    pub(super) fn begin(&mut self, sup: usize) {
        for &child in &self.plan.units[sup].children {
            self.children[child].starts = 0;
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
    pub(super) fn abort(&mut self, sup: usize) {
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
    pub(super) fn gone(&mut self, unit: usize, exit: Exit) {
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
                Mode::Closing(0) => {
                    self.over(sup);
                    return;
                }
                Mode::Closing(at) => match self.bring_down(sup, children[at - 1]) {
                    true => Mode::Closing(at - 1),
                    false => return,
                },
                // Rule 25: it ends when all children have ended for good.
                Mode::Running | Mode::Killed => {
                    let down = |child: &usize| self.children[*child].phase == Phase::Down;
                    if children.iter().all(down) {
                        self.over(sup);
                    }
                    return;
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
}
