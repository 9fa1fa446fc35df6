//! The procedures that go over many children in order: start, group restart, stop, kill.

use std::time::Duration;

use super::body::Body;
use super::slot::{Phase, Plan};
use super::timers::Alarm;
use super::{Engine, Mode, Step};
use crate::auto_shutdown::TemporarySiblings;
use crate::child::id::ChildId;
use crate::error::{SageResult, Unresponsive};
use crate::event::KillReason;
use crate::restart::RestartPolicy;
use crate::shutdown::Shutdown;

/// How many children are started before others have their turn.
const STARTS_AT_A_TIME: usize = 128;

/// How far a child is on its way down.
enum StopProgress {
    Down,
    Under,
    /// It does not end: unresponsive.
    Stuck,
}

impl Engine {
    /// Goes as far as it can without waiting, but not too far without pausing: a request to stop
    /// takes effect in the middle of a long start.
    pub(super) fn advance(&mut self) -> Step {
        let mut starts = 0;
        loop {
            match self.mode {
                Mode::Starting { next } => {
                    let last = next.map_or(self.roster.last(), |next| self.roster.before(next));
                    if last.is_some_and(|last| self.roster[last].is_starting()) {
                        return Step::Wait;
                    }
                    let Some(next) = next else {
                        self.mode = Mode::Running;
                        self.has_started = true;
                        self.began.ready();
                        // The parent, who waits for the first start, may go on.
                        self.scope.tell_ready();
                        continue;
                    };
                    if starts == STARTS_AT_A_TIME {
                        return Step::Pause;
                    }
                    self.mode = Mode::Starting { next: self.roster.after(next) };
                    let stays = self.roster[next].plan == Plan::Stay;
                    if self.stays_removed(next) {
                        self.drop_if_spent(next);
                    } else if !stays {
                        starts += 1;
                        self.start(next);
                    }
                }
                Mode::Running => {
                    let kept = self.declaration.keep_alive || self.is_kept || self.held > 0;
                    // Without anything alive, all that there can be a timer for is a restart.
                    let over = self.alive == 0 && !kept && self.timers.is_empty();
                    return if over { Step::Over(self.result()) } else { Step::Wait };
                }
                Mode::Restarting { root, at } => match self.bring_down(at) {
                    StopProgress::Down if at == root && self.group_wait.is_some() => {
                        return Step::Wait;
                    }
                    StopProgress::Down if at == root => {
                        self.mode = Mode::Starting { next: Some(root) };
                    }
                    StopProgress::Down => {
                        let at = self.roster.before(at).expect("the root comes before it");
                        self.mode = Mode::Restarting { root, at };
                    }
                    StopProgress::Under => return Step::Wait,
                    StopProgress::Stuck => {
                        // It may have been unresponsive before anybody waited for it.
                        if self.roster[at].timer.is_none() {
                            self.schedule(at, Some(self.patience.unresponsive_timeout));
                        }
                        return Step::Wait;
                    }
                },
                Mode::Closing { at: None } => return Step::Over(self.result()),
                Mode::Closing { at: Some(at) } => {
                    self.note_turn(at);
                    match self.bring_down(at) {
                        StopProgress::Down | StopProgress::Stuck => {
                            self.mode = Mode::Closing { at: self.roster.before(at) };
                        }
                        StopProgress::Under => return Step::Wait,
                    }
                }
                Mode::Draining | Mode::Killing => {
                    let joined = self.alive == self.unresponsive;
                    return if joined { Step::Over(self.result()) } else { Step::Wait };
                }
            }
        }
    }

    /// Begins the stop of everything, unless it is under way: in order, or all at once if the children
    /// have none.
    pub(super) fn close(&mut self) {
        if self.is_ending() {
            return;
        }
        self.release_group();
        self.begin_ending_with_error();
        let is_dynamic = self.declaration.dynamic.is_some();
        self.mode =
            if is_dynamic { Mode::Draining } else { Mode::Closing { at: self.roster.last() } };
        self.refuse_all_starts();
        if is_dynamic {
            self.drain();
        }
    }

    /// Asks everything to stop at once. There is one timer for each time that is given.
    fn drain(&mut self) {
        self.waves += 1;
        // Mostly all have the same time: those in a row that do, together.
        let mut row = (Duration::ZERO, Vec::new());
        let mut next = self.roster.first();
        while let Some(child) = next {
            next = self.roster.after(child);
            let slot = &self.roster[child];
            if !matches!(slot.phase, Phase::Starting | Phase::Up) {
                continue;
            }
            let shutdown = slot.spec.shutdown_setting().normalised();
            self.ask_in_company(child, shutdown);
            if let Shutdown::Timeout(time) = shutdown {
                if time != row.0 {
                    self.stop_by(&mut row);
                    row.0 = time;
                }
                row.1.push(child);
            }
        }
        self.stop_by(&mut row);
        for &time in self.stopping.keys() {
            self.timers.set(&self.clock, Alarm::Overdue(time), time);
        }
        self.timers.set(&self.clock, Alarm::Wave(self.waves), self.patience.kill_grace);
    }

    /// Notes children that were given the same time.
    fn stop_by(&mut self, (time, children): &mut (Duration, Vec<ChildId>)) {
        if !children.is_empty() {
            self.stopping.entry(*time).or_default().append(children);
        }
    }

    /// Kills all that were given this time and have not ended.
    pub(super) fn kill_overdue(&mut self, time: Duration) {
        self.waves += 1;
        // Nothing is started meanwhile, so nobody has taken the place of another.
        for child in self.stopping.remove(&time).unwrap_or_default() {
            if self.roster.contains(child) && self.roster[child].phase == Phase::Stopping {
                self.kill_in_company(child, KillReason::ShutdownTimeout);
            }
        }
        self.timers.set(&self.clock, Alarm::Wave(self.waves), self.patience.kill_grace);
    }

    /// Aborts everything at once, and then waits for it.
    pub(super) fn kill_all(&mut self) {
        if matches!(self.mode, Mode::Killing) {
            return;
        }
        self.begin_killing();
        self.mode = Mode::Killing;
        self.refuse_all_starts();
        self.waves += 1;
        let mut next = self.roster.first();
        while let Some(child) = next {
            next = self.roster.after(child);
            if !matches!(self.roster[child].phase, Phase::Starting | Phase::Up | Phase::Stopping) {
                continue;
            }
            self.kill_in_company(child, KillReason::Supervisor);
        }
        self.timers.set(&self.clock, Alarm::Wave(self.waves), self.patience.kill_grace);
    }

    /// The first of those that the procedure under way is to start.
    pub(super) fn to_start(&self) -> Option<ChildId> {
        match self.mode {
            Mode::Starting { next } => next,
            Mode::Restarting { root, .. } => Some(root),
            Mode::Running | Mode::Closing { .. } | Mode::Draining | Mode::Killing => None,
        }
    }

    /// Whether the procedure under way is to start this child.
    pub(super) fn is_to_start(&self, child: ChildId) -> bool {
        let first = self.to_start();
        first.is_some_and(|first| self.roster.rank(child) >= self.roster.rank(first))
    }

    /// Whether this child is a temporary one that a restart of its group has removed.
    pub(super) fn stays_removed(&self, child: ChildId) -> bool {
        let slot = &self.roster[child];
        self.declaration.temporary_siblings == TemporarySiblings::Remove
            && slot.spec.restart_policy() == RestartPolicy::Temporary
            && slot.starts > 0
    }

    /// Takes one child a step further down.
    fn bring_down(&mut self, child: ChildId) -> StopProgress {
        match self.roster[child].phase {
            Phase::Down => StopProgress::Down,
            Phase::Starting | Phase::Up => {
                self.ask_to_stop(child);
                StopProgress::Under
            }
            Phase::Stopping | Phase::Killed => StopProgress::Under,
            Phase::Unresponsive => StopProgress::Stuck,
        }
    }

    /// Notes that tasks do not end, as the reason to close. That weighs more than any other: nobody
    /// may start a second instance beside them.
    pub(super) fn fail(&mut self, unresponsive: Unresponsive) {
        let cause = self.cause.take();
        self.cause = Some(unresponsive.on_top_of(cause));
    }

    /// What the supervisor ends with.
    fn result(&mut self) -> SageResult<()> {
        let paths = self.unresponsive_paths();
        if !paths.is_empty() {
            self.fail(Unresponsive { paths, cause: None });
        }
        let given_up = if self.was_asked_from_inside() { None } else { self.first_given_up() };
        self.cause.take().or(given_up).map_or(Ok(()), Err)
    }

    /// The paths of all tasks below that have been given up on.
    pub(super) fn unresponsive_paths(&self) -> Vec<String> {
        if self.unresponsive == 0 {
            return Vec::new();
        }
        let mut paths = Vec::new();
        for child in self.roster.from(self.roster.first()) {
            let slot = &self.roster[child];
            match (slot.phase, &slot.body) {
                (Phase::Unresponsive, Some(Body::Supervisor(_))) => {
                    match slot.last_exit().and_then(Unresponsive::of) {
                        Some(below) => paths.extend(below.paths.iter().cloned()),
                        None => paths.push(self.scope.lineage().join(&slot.name)),
                    }
                }
                (Phase::Unresponsive, _) => paths.push(self.scope.lineage().join(&slot.name)),
                _ => {}
            }
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::child::{Declaration, Dynamic};
    use crate::{ChildContext, ChildSpec, RestartConfig, Strategy};

    async fn stubborn(_: ChildContext) {
        std::future::pending::<()>().await;
    }

    /// However many children there are. Those who wait for ever, or not at all, have none.
    #[tokio::test(start_paused = true)]
    async fn a_stop_of_dynamic_children_sets_one_timer_for_each_distinct_time() {
        let mut declaration = Declaration::new(Strategy::OneForOne, RestartConfig::default());
        let current_run = Arc::default();
        declaration.dynamic = Some(Dynamic { max_children: usize::MAX, current_run });
        let mut engine = Engine::root(Arc::new(declaration));
        for number in 0..1_000_u64 {
            let shutdown = match number % 5 {
                0 => Shutdown::BrutalKill,
                1 => Shutdown::Infinity,
                distinct => Shutdown::Timeout(Duration::from_secs(distinct)),
            };
            let spec = ChildSpec::new("child", stubborn).shutdown(shutdown);
            let child = engine.roster.add_last(spec.shared_name(), Arc::new(spec));
            engine.start(child);
        }
        engine.close();
        assert_eq!(engine.timers.len(), 3 + 1, "and one for the grace of those that were killed");
    }
}
