//! What is done to one child: started, asked to stop, killed, given up on.

use std::sync::Arc;
use std::time::Duration;

use super::body::Body;
use super::id::ChildId;
use super::scope::{Line, Reporter};
use super::slot::{Phase, Plan, Verdict};
use super::timers::Alarm;
use super::{Engine, Mode};
#[cfg(feature = "process")]
use crate::child::process;
use crate::child::{Beat, ChildContext, Instance, Kind, TaskStart, Work, blocking};
use crate::error::{FailedStart, SageError, Unresponsive};
use crate::event::{Fact, KillReason};
use crate::exit::{Exit, StartFailure};
use crate::restart::RestartPolicy;
use crate::shutdown::Shutdown;

impl Engine {
    pub(super) fn tell(&self, child: ChildId, fact: &Fact<'_>) {
        self.scope.report(&self.roster[child].name, fact);
    }

    /// Starts a new instance of a child that is down.
    pub(super) fn start(&mut self, child: ChildId) {
        self.plan(child, Plan::Policy);
        let slot = &mut self.roster[child];
        let (spec, name) = (Arc::clone(&slot.spec), Arc::clone(&slot.name));
        debug_assert_eq!(slot.phase, Phase::Down, "at most one instance");
        let restarts = slot.starts;
        slot.starts += 1;
        slot.asked = false;
        // One that is started by hand in the turn in which it ended is not started again.
        slot.is_due = false;
        slot.waits = false;
        self.given_up -= usize::from(std::mem::take(&mut slot.given_up));
        slot.failed_for_good = None;
        self.instances += 1;
        slot.instance = self.instances;
        slot.record.started();
        let instance = slot.instance;
        self.alive += 1;
        self.significant += usize::from(spec.is_significant());
        self.tell(child, &Fact::Start { instance: restarts + 1 });
        let context = |name| {
            let previous_exit = self.roster[child].last_exit.clone();
            let line = Line { scope: Arc::clone(&self.scope), child, instance };
            let beat = spec.heartbeat_setting().map(|_| Box::new(Beat::new()));
            ChildContext::new(name, line, restarts, previous_exit, beat)
        };
        let phase = spec.ready_within_setting().map_or(Phase::Up, |_| Phase::Starting);
        let (phase, body) = match spec.kind() {
            Kind::Task(start) => {
                let context =
                    matches!(start, TaskStart::WithContext(_)).then(|| context(Arc::clone(&name)));
                let work = Work::Start(start.clone(), context.clone());
                let reporter = Reporter::new(&self.scope, child, true);
                let task = tokio::spawn(Instance::new(work, reporter));
                (phase, Body::Task { task, context })
            }
            Kind::Thread(start) => {
                let context = context(Arc::clone(&name));
                let reporter = Reporter::new(&self.scope, child, true);
                blocking::spawn(&name, Arc::clone(start), context.clone(), reporter);
                (phase, Body::Thread(context))
            }
            #[cfg(feature = "process")]
            Kind::Process(make) => {
                let path = self.scope.lineage().join(&name);
                let (work, link) = process::start(Arc::clone(make), path);
                let reporter = Reporter::new(&self.scope, child, false);
                drop(tokio::spawn(Instance::new(work, reporter)));
                (phase, Body::Process(link))
            }
            Kind::Supervisor(declaration) => {
                let lineage = self.scope.lineage().below(name);
                let (scope, inbox) = self.scope.nested(lineage, child, instance);
                let engine = Self::new(
                    Arc::clone(declaration),
                    Arc::downgrade(&spec),
                    Arc::clone(&scope),
                    inbox,
                    self.patience,
                );
                let reporter = Reporter::new(&self.scope, child, false);
                drop(tokio::spawn(Instance::new(Work::Poll(Box::pin(engine.run())), reporter)));
                (Phase::Starting, Body::Supervisor(scope))
            }
        };
        let slot = &mut self.roster[child];
        slot.phase = phase;
        slot.body = Some(body);
        self.schedule(child, spec.ready_within_setting().or(spec.heartbeat_setting()));
        if phase == Phase::Up {
            self.is_up(child);
        }
    }

    /// Sets the deadline of the phase that a child is in now, instead of the one it has.
    pub(super) fn schedule(&mut self, child: ChildId, after: Option<Duration>) {
        let slot = &mut self.roster[child];
        if let Some(key) = slot.timer.take() {
            self.timers.clear(&key);
        }
        let alarm = Alarm::Child { child, instance: slot.instance, phase: slot.phase };
        slot.timer = after.map(|after| self.timers.set(alarm, after));
    }

    /// An instance says that it is ready.
    pub(super) fn ready(&mut self, child: ChildId, instance: u64) {
        let Some(slot) = self.roster.still(child, instance, Phase::Starting) else { return };
        slot.phase = Phase::Up;
        slot.record.ready();
        let heartbeat = slot.spec.heartbeat_setting();
        self.schedule(child, heartbeat);
        self.tell(child, &Fact::Ready);
        self.is_up(child);
    }

    /// An instance will not be ready: it declines, or has had its time.
    pub(super) fn not_ready(&mut self, child: ChildId, instance: u64, verdict: Verdict) {
        let Some(slot) = self.roster.still(child, instance, Phase::Starting) else { return };
        slot.verdict = Some(verdict);
        self.ask_to_stop(child);
    }

    /// Stops an instance the way its shutdown setting says.
    pub(super) fn ask_to_stop(&mut self, child: ChildId) {
        let timeout = match self.roster[child].spec.shutdown_setting().normalised() {
            Shutdown::BrutalKill => return self.kill(child, KillReason::BrutalKill),
            Shutdown::Timeout(time) => Some(time),
            Shutdown::Infinity => None,
        };
        self.ask(child, timeout);
        self.schedule(child, timeout);
    }

    /// Stops an instance together with others, who share a deadline.
    pub(super) fn ask_in_company(&mut self, child: ChildId, shutdown: Shutdown) {
        match shutdown {
            Shutdown::BrutalKill => return self.kill_in_company(child, KillReason::BrutalKill),
            Shutdown::Timeout(time) => self.ask(child, Some(time)),
            Shutdown::Infinity => self.ask(child, None),
        }
        self.schedule(child, None);
    }

    fn ask(&mut self, child: ChildId, timeout: Option<Duration>) {
        self.tell(child, &Fact::Stop { timeout });
        let slot = &mut self.roster[child];
        slot.phase = Phase::Stopping;
        slot.asked = true;
        if let Some(body) = &slot.body {
            body.ask_to_stop();
        }
    }

    /// Ends an instance, which has a grace for that.
    pub(super) fn kill(&mut self, child: ChildId, reason: KillReason) {
        self.kill_in_company(child, reason);
        let is_supervisor = self.roster[child].is_supervisor();
        self.schedule(child, (!is_supervisor).then_some(self.patience.kill_grace));
    }

    /// Aborts an instance together with others, who share the grace.
    pub(super) fn kill_in_company(&mut self, child: ChildId, reason: KillReason) {
        self.tell(child, &Fact::Kill { reason });
        self.note_kill(child, reason);
        let slot = &mut self.roster[child];
        slot.phase = Phase::Killed;
        slot.asked = true;
        slot.wave = self.waves;
        if let Some(body) = &slot.body {
            body.kill();
        }
        self.schedule(child, None);
    }

    /// A deadline has passed.
    pub(super) fn alarm(&mut self, alarm: Alarm) {
        let (child, instance, phase) = match alarm {
            Alarm::Child { child, instance, phase } => (child, instance, phase),
            // The group goes on by itself.
            Alarm::Group => return,
            Alarm::Overdue(time) => return self.kill_overdue(time),
            Alarm::Wave(wave) => return self.call_unresponsive_wave(wave),
        };
        // What has been taken in at the same moment may have brought it further.
        if self.roster.still(child, instance, phase).is_none() {
            return;
        }
        match phase {
            Phase::Stopping => self.kill(child, KillReason::TimeIsOver),
            Phase::Killed => self.call_unresponsive(child),
            Phase::Unresponsive => self.give_up(child),
            Phase::Starting => {
                self.not_ready(child, instance, Verdict::TooLate);
            }
            Phase::Up => self.listen_for_heartbeat(child),
            Phase::Down if self.roster[child].waits && !self.is_ending() => self.start(child),
            Phase::Down => {}
        }
    }

    fn call_unresponsive_wave(&mut self, wave: u32) {
        let mut next = self.roster.first();
        while let Some(child) = next {
            next = self.roster.after(child);
            let slot = &self.roster[child];
            let killed = slot.phase == Phase::Killed && slot.timer.is_none();
            if killed && slot.wave == wave && !slot.is_supervisor() {
                self.call_unresponsive(child);
            }
        }
    }

    /// The kill grace is over, and the task is not.
    fn call_unresponsive(&mut self, child: ChildId) {
        self.tell(child, &Fact::Unresponsive { grace: self.patience.kill_grace });
        self.note_stopped(child);
        self.hold_unresponsive(child);
    }

    /// From here on a restart waits for the child, but not for ever; a stop goes on without it.
    fn hold_unresponsive(&mut self, child: ChildId) {
        self.unresponsive += 1;
        self.roster[child].phase = Phase::Unresponsive;
        if self.is_waited_for(child) {
            self.schedule(child, Some(self.patience.give_up_after));
        } else {
            self.schedule(child, None);
        }
        self.answer_unresponsive(child);
    }

    /// Whether something can go on only when this child is down.
    fn is_waited_for(&self, child: ChildId) -> bool {
        let slot = &self.roster[child];
        match self.mode {
            Mode::Restarting { .. } => true,
            Mode::Starting { next } => {
                let last = next.map_or(self.roster.last(), |next| self.roster.before(next));
                last == Some(child) && slot.is_starting()
            }
            Mode::Running => {
                let restarts = slot.spec.restart_policy() != RestartPolicy::Temporary
                    && slot.plan != Plan::Stay;
                restarts
                    && match slot.verdict {
                        Some(Verdict::TooLate) => !slot.by_hand,
                        Some(Verdict::Silent) => true,
                        Some(Verdict::Declined) | None => false,
                    }
            }
            Mode::Closing { .. } | Mode::Draining | Mode::Killing => false,
        }
    }

    fn give_up(&mut self, child: ChildId) {
        if self.is_waited_for(child) {
            self.tell(child, &Fact::GiveUp { waited: self.patience.give_up_after });
            // Kept now: it may end while the others are being stopped, and the restart is off.
            let paths = self.unresponsive_paths();
            self.fail(Unresponsive { paths, cause: None });
            self.close();
        }
    }

    /// An instance has ended. Whether that leads to a restart is decided when all that has been
    /// delivered is known.
    pub(super) fn ended(&mut self, child: ChildId, exit: Exit) {
        let slot = &mut self.roster[child];
        slot.spec.note_exit(&exit);
        let verdict = slot.verdict.take();
        // Stopped because it was too late or silent, it has failed by itself. Killed with all the
        // others, it may have ended before the order has come down to here.
        let failed = matches!(verdict, Some(Verdict::TooLate | Verdict::Silent));
        let killed = matches!(exit, Exit::Killed) && self.scope.is_killed();
        let asked = (slot.asked && !failed) || killed;
        let exit = match exit {
            _ if verdict == Some(Verdict::TooLate) => {
                let within = slot.spec.ready_within_setting().unwrap_or_default();
                Exit::FailedStart(StartFailure::NotReady(within))
            }
            Exit::Normal | Exit::Killed if verdict == Some(Verdict::Silent) => {
                Exit::HeartbeatMissed(slot.spec.heartbeat_setting().unwrap_or_default())
            }
            // To be shut down is no failure, also before it is ready.
            Exit::Normal if !asked && slot.was_shut_down() => Exit::Normal,
            // What it is lent was missing, so it has not begun.
            Exit::FailedStart(_) if asked => Exit::Shutdown,
            exit @ Exit::FailedStart(_) => exit,
            exit if slot.phase == Phase::Starting && !asked => {
                Exit::FailedStart(StartFailure::Ended(Arc::new(exit)))
            }
            Exit::Normal if asked => Exit::Shutdown,
            exit => exit,
        };
        self.schedule(child, None);
        self.tell(child, &Fact::Exit { exit: &exit, asked });
        self.note_stopped(child);

        let policy = self.roster[child].spec.restart_policy();
        let restarts = !asked && policy.restarts_after(&exit);
        let is_supervisor = self.roster[child].is_supervisor();
        let unresponsive = is_supervisor && Unresponsive::of(&exit).is_some();
        let leftovers = self.roster[child].has_leftovers();
        self.roster[child].last_exit = Some(exit);
        if leftovers {
            self.hold_unresponsive(child);
        } else {
            self.down(child);
        }
        // Unless it was the old instance, and a new one has been asked for since.
        let failed = self.has_failed_to_start(child) && self.roster[child].plan != Plan::Start;
        if failed {
            self.answer_failed_start(child);
        }
        // It was not stopped for a restart, and something of it is still alive, or was for too long:
        // no parent answers that with a restart.
        if !asked && (leftovers || unresponsive) {
            self.escalate(child);
        } else if self.roster[child].by_hand && failed {
            self.failed_by_hand(child);
        } else if self.is_fatal(child) {
            self.fail_start(child);
        } else if restarts {
            self.roster[child].is_due = true;
            self.due.push(child);
        } else if !asked {
            self.note_failure(child);
            self.note_departure(child);
        }
        if verdict == Some(Verdict::Declined) && self.roster[child].plan != Plan::Start {
            self.has_declined(child);
        }
        // It may have left nothing behind.
        if self.roster.contains(child) {
            let slot = &mut self.roster[child];
            slot.record.ended(slot.last_exit.as_ref().expect("it has ended"));
            self.carry_out_plan(child);
        }
        if self.roster.contains(child) {
            self.refuse_if_over(child);
        }
    }

    /// Whether the exit of this child is a failed start that ends the supervisor: it is itself
    /// starting, and this was the child's first attempt. Neither says the other: a child may have been
    /// restarted by then, and one that was stopped before its turn is first started with its group.
    /// One that does not declare readiness has been started before what it is lent can be missing.
    fn is_fatal(&self, child: ChildId) -> bool {
        let spec = &self.roster[child].spec;
        if matches!(spec.kind(), Kind::Task(_)) && spec.ready_within_setting().is_none() {
            return false;
        }
        let open = matches!(self.mode, Mode::Starting { .. } | Mode::Restarting { .. });
        let slot = &self.roster[child];
        let first = !self.has_started && slot.starts == 1;
        // Stopped or restarted by hand since, it is as was asked.
        self.has_failed_to_start(child) && open && first && slot.plan == Plan::Policy
    }

    pub(super) fn has_failed_to_start(&self, child: ChildId) -> bool {
        matches!(self.roster[child].last_exit, Some(Exit::FailedStart(_)))
    }

    fn fail_start(&mut self, child: ChildId) {
        let slot = &self.roster[child];
        let path = self.scope.lineage().join(&slot.name);
        let exit = slot.last_exit.clone().expect("it is what is fatal");
        self.cause = Some(SageError::FailedStart(Box::new(FailedStart { path, exit })));
        self.close();
    }

    /// Closes because of a nested supervisor that could not end what is below it.
    fn escalate(&mut self, child: ChildId) {
        let below = self.roster[child].last_exit.as_ref().and_then(Unresponsive::of);
        let unresponsive = below.cloned().unwrap_or_else(|| {
            let name = &self.roster[child].name;
            Unresponsive { paths: vec![self.scope.lineage().join(name)], cause: None }
        });
        self.fail(unresponsive);
        self.close();
    }

    /// Nothing is alive any more of a run of a nested supervisor. That is news if it had ended
    /// without some of its tasks.
    pub(super) fn vacated(&mut self, child: ChildId, instance: u64) {
        if self.roster.still(child, instance, Phase::Unresponsive).is_some() {
            self.schedule(child, None);
            self.down(child);
            self.carry_out_plan(child);
        }
    }

    /// The instance is gone, and a new one may be started.
    fn down(&mut self, child: ChildId) {
        let slot = &mut self.roster[child];
        if slot.phase == Phase::Unresponsive {
            self.unresponsive -= 1;
        }
        self.alive -= 1;
        self.significant -= usize::from(slot.spec.is_significant());
        slot.phase = Phase::Down;
        if let Some(body) = slot.body.take() {
            body.release();
        }
        self.answer_down(child);
    }
}
