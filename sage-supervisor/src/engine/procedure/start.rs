//! The start of one instance.

use std::sync::Arc;

#[cfg(feature = "process")]
use crate::child::process::{self, ProcessStart};
use crate::child::{
    Beat, ChildContext, ContextExtras, Instance, InstanceSpan, Kind, Probe, Schedule, Signs, Since,
    TaskStart, blocking, labelled, periodic, periodic_thread, probed, spanned,
};
use crate::engine::Engine;
use crate::engine::children::Body;
use crate::engine::phase::Phase;
use crate::engine::reporter::{JoiningReporter, Reporter};
use crate::event::ChildEvent;
use crate::scope::ChildId;

impl Engine {
    /// Starts a new instance of a child that is down.
    pub(crate) fn start(&mut self, child: ChildId) {
        self.children.begin(child, self.clock.moment());
        let slot = &self.children[child];
        let spec = slot.spec();
        // A child that declares readiness has only that deadline at first. Its heartbeat begins
        // once it is ready.
        let first_deadline = spec.ready_within_setting().or(spec.heartbeat_setting());
        self.tell(child, &ChildEvent::Start { instance: slot.starts() });
        let (phase, body) = self.spawn(child);
        self.children.spawned(child, phase, body);
        self.schedule(child, first_deadline);
        if phase == Phase::Up {
            self.note_up(child);
        }
        self.note_state(child);
    }

    /// Spawns what the child's spec declares. The start function is called by the instance itself.
    /// The instance may run before this returns, on another thread. Its messages wait in the mailbox for
    /// the next turn.
    fn spawn(&self, child: ChildId) -> (Phase, Body) {
        let slot = &self.children[child];
        let (spec, name, instance) = (slot.spec(), slot.name(), slot.instance());
        let every = spec.every_setting();
        let context = |is_thread: bool| {
            let restarts = slot.starts() - 1;
            let since = if is_thread { Since::of_thread } else { Since::of_task };
            let beat = spec.heartbeat_setting().map(|_| Beat::new(since()));
            let has_limit = beat.is_some() || spec.ready_within_setting().is_some();
            let schedule =
                every.map(|every| Box::new(Schedule::new(every, instance, restarts > 0, since())));
            let probe = (has_limit && !is_thread).then(Probe::default);
            let has_signs = beat.is_some() || probe.is_some() || schedule.is_some();
            let signs = has_signs.then(|| Box::new(Signs { beat, probe, schedule }));
            let index = spec.index();
            let extras = (restarts > 0 || has_signs || index > 0).then(|| {
                let previous_exit = slot.last_exit().cloned();
                Box::new(ContextExtras { restarts, previous_exit, index, signs })
            });
            let scope = Arc::clone(&self.scope);
            let is_unready = spec.ready_within_setting().is_some();
            ChildContext::new(Arc::clone(name), scope, child, instance, is_unready, extras)
        };
        let path = || self.scope.lineage().join(name);
        let span = || {
            let instance = slot.starts();
            self.has_spans
                .then(|| InstanceSpan::new(self.scope.lineage(), name, instance))
                .flatten()
        };
        let phase = spec.ready_within_setting().map_or(Phase::Up, |_| Phase::Starting);
        // The reporter occupies the scope from here on, so the scope cannot become vacant before
        // this instance has reported its exit.
        let reporter = Reporter::new(&self.scope);
        match spec.kind() {
            Kind::Task(start) => {
                let (future, context) = match start {
                    TaskStart::WithContext(start) => {
                        let context = context(false);
                        let future = match every {
                            None => Arc::clone(start).future(child, context.clone()),
                            Some(_) => {
                                let (start, ctx) = (Arc::clone(start), context.clone());
                                let run = move || Arc::clone(&start).future(child, ctx.clone());
                                periodic(child, context.clone(), run)
                            }
                        };
                        (probed(future, &context), Some(context))
                    }
                    // A start function without a context can neither hear a request to stop nor
                    // report readiness, so nothing is allocated for that.
                    TaskStart::WithoutContext(start) if every.is_none() => {
                        (Arc::clone(start).future(child, ()), None)
                    }
                    // Between two runs such a child hears the request.
                    TaskStart::WithoutContext(start) => {
                        let (start, context) = (Arc::clone(start), context(false));
                        let run = move || Arc::clone(&start).future(child, ());
                        (periodic(child, context.clone(), run), Some(context))
                    }
                };
                let future = spanned(future, span());
                let task = Instance::new(future, reporter).spawn(path);
                (phase, Body::Task { task, context })
            }
            Kind::Thread(start) => {
                let context = context(true);
                self.scope.note_real_time();
                let start = Arc::clone(start);
                let start = if every.is_some() { periodic_thread(start) } else { start };
                blocking::spawn(name, start, context.clone(), span(), child, reporter);
                (phase, Body::Thread(context))
            }
            #[cfg(feature = "process")]
            Kind::Process(make) => {
                self.scope.note_real_time();
                // The task that waits for the process is detached. It is never aborted, because it
                // must reap the process; the link tells it to stop or kill.
                let settings = spec.process_settings().cloned().unwrap_or_default();
                let context = settings.needs_context().then(|| context(true));
                let (make, shutdown) = (Arc::clone(make), spec.shutdown_setting());
                let start = ProcessStart { make, settings, shutdown, path: path(), context };
                let (future, link) = process::start(child, start);
                let future = spanned(future, span());
                drop(Instance::new(future, JoiningReporter(reporter)).spawn(path));
                (phase, Body::Process(link))
            }
            Kind::Supervisor(declaration) => {
                // A nested engine runs in a task of its own. The task is never aborted, because it
                // must join its children; the scope tells it to stop or kill.
                let lineage = self.scope.lineage().below(Arc::clone(name));
                let scope = self.scope.nested(lineage, child, instance);
                let engine = Self::new(
                    Arc::clone(declaration),
                    Arc::downgrade(spec),
                    Arc::clone(&scope),
                    Some(self),
                );
                let future = labelled(child, engine.run());
                drop(Instance::new(future, JoiningReporter(reporter)).spawn(path));
                (Phase::Starting, Body::Supervisor(scope))
            }
        }
    }

    /// Handles the message of an instance that it is ready.
    pub(crate) fn ready(&mut self, child: ChildId, instance: u64) {
        // The message may come from an instance that has been asked to stop, or that has ended
        // since.
        let Some(slot) = self.children.get_if(child, instance, Phase::Starting) else { return };
        let heartbeat = slot.spec().heartbeat_setting();
        self.children.ready(child, self.clock.moment());
        self.schedule(child, heartbeat);
        self.tell(child, &ChildEvent::Ready);
        self.note_up(child);
        self.note_state(child);
    }
}
