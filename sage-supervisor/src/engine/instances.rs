//! What is done to one child: started, asked to stop, killed.

use std::sync::Arc;
use std::time::Duration;

use super::Engine;
use super::body::Body;
use super::scope::{JoiningReporter, Reporter, Scope};
use super::slot::{Phase, Plan, Verdict};
use super::timers::Alarm;
use crate::child::id::ChildId;
#[cfg(feature = "process")]
use crate::child::process;
use crate::child::{Beat, ChildContext, ContextExtras, Instance, Kind, TaskStart, begun, blocking};
use crate::event::{ChildEvent, KillReason};
use crate::shutdown::Shutdown;

impl Engine {
    pub(super) fn tell(&self, child: ChildId, fact: &ChildEvent<'_>) {
        self.scope.report(&self.roster[child].name, fact, self.clock.now());
    }

    /// Starts a new instance of a child that is down.
    pub(super) fn start(&mut self, child: ChildId) {
        self.plan(child, Plan::Policy);
        let slot = &mut self.roster[child];
        debug_assert_eq!(slot.phase, Phase::Down, "at most one instance");
        slot.starts += 1;
        slot.asked = false;
        // One that is started by hand in the turn in which it ended is not started again.
        slot.is_due = false;
        slot.waits = false;
        self.given_up -= usize::from(std::mem::take(&mut slot.given_up));
        self.instances += 1;
        slot.instance = self.instances;
        slot.record.started(self.clock.moment());
        self.alive += 1;
        self.significant += usize::from(slot.spec.is_significant());
        let first_deadline = slot.spec.ready_within_setting().or(slot.spec.heartbeat_setting());
        let fact = ChildEvent::Start { instance: slot.starts };
        self.tell(child, &fact);
        let (phase, body) = self.bring_to_life(child);
        let slot = &mut self.roster[child];
        slot.phase = phase;
        slot.body = Some(body);
        self.schedule(child, first_deadline);
        if phase == Phase::Up {
            self.is_up(child);
        }
    }

    /// Spawns what a child is.
    fn bring_to_life(&self, child: ChildId) -> (Phase, Body) {
        let slot = &self.roster[child];
        let (spec, instance) = (&slot.spec, slot.instance);
        let context = || {
            let (name, restarts) = (Arc::clone(&slot.name), slot.starts - 1);
            let beat = spec.heartbeat_setting().map(|_| Beat::new());
            let more = (restarts > 0 || beat.is_some()).then(|| {
                Box::new(ContextExtras { restarts, previous_exit: slot.last_exit().cloned(), beat })
            });
            ChildContext::new(name, Arc::<Scope>::clone(&self.scope), child, instance, more)
        };
        let phase = spec.ready_within_setting().map_or(Phase::Up, |_| Phase::Starting);
        let reporter = Reporter::new(&self.scope);
        match spec.kind() {
            Kind::Task(start) => {
                let (life, context) = match start {
                    TaskStart::WithContext(start) => {
                        let context = context();
                        (Arc::clone(start).life(child, context.clone()), Some(context))
                    }
                    TaskStart::WithoutContext(start) => (Arc::clone(start).life(child, ()), None),
                };
                let task = tokio::spawn(Instance::new(life, reporter));
                (phase, Body::Task { task, context })
            }
            Kind::Thread(start) => {
                let context = context();
                blocking::spawn(&slot.name, Arc::clone(start), context.clone(), child, reporter);
                (phase, Body::Thread(context))
            }
            #[cfg(feature = "process")]
            Kind::Process(make) => {
                let path = self.scope.lineage().join(&slot.name);
                let (life, link) = process::start(child, Arc::clone(make), path);
                drop(tokio::spawn(Instance::new(life, JoiningReporter(reporter))));
                (phase, Body::Process(link))
            }
            Kind::Supervisor(declaration) => {
                let lineage = self.scope.lineage().below(Arc::clone(&slot.name));
                let scope = self.scope.nested(lineage, child, instance);
                let engine = Self::new(
                    Arc::clone(declaration),
                    Arc::downgrade(spec),
                    Arc::clone(&scope),
                    self.patience,
                );
                let life = begun(child, engine.run());
                drop(tokio::spawn(Instance::new(life, JoiningReporter(reporter))));
                (Phase::Starting, Body::Supervisor(scope))
            }
        }
    }

    /// Sets the deadline of the phase that a child is in now, instead of the one it has.
    pub(super) fn schedule(&mut self, child: ChildId, after: Option<Duration>) {
        let slot = &mut self.roster[child];
        if slot.timer.take().is_some() {
            self.timers.settle();
        }
        if let Some(after) = after {
            let alarm = Alarm::Child { child, instance: slot.instance, phase: slot.phase };
            slot.timer = Some(self.timers.set(&self.clock, alarm, after));
        }
    }

    /// An instance says that it is ready.
    pub(super) fn ready(&mut self, child: ChildId, instance: u64) {
        let Some(slot) = self.roster.still(child, instance, Phase::Starting) else { return };
        slot.phase = Phase::Up;
        slot.record.ready(self.clock.moment());
        let heartbeat = slot.spec.heartbeat_setting();
        self.schedule(child, heartbeat);
        self.tell(child, &ChildEvent::Ready);
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

    pub(super) fn ask(&mut self, child: ChildId, timeout: Option<Duration>) {
        self.tell(child, &ChildEvent::Stop { timeout });
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
        self.tell(child, &ChildEvent::Kill { reason });
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
            Phase::Stopping => self.kill(child, KillReason::ShutdownTimeout),
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
}
