//! The end of all children: in order, all at once, or killed.

use std::time::Duration;

use crate::engine::Engine;
use crate::engine::children::Body;
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::engine::time::{Again, Alarm};
use crate::event::KillReason;
use crate::policy::Shutdown;
use crate::scope::{ChildId, Why};

impl Engine {
    /// Begins to stop all children, unless that is under way: in reverse order, or all at once if they stop
    /// together, or if the supervisor is dynamic, whose children have no order.
    pub(crate) fn close(&mut self) {
        if self.is_ending() {
            return;
        }
        // A group that waits for its backoff must not be started any more.
        self.release_group();
        self.begin_ending_with_error();
        let is_at_once =
            self.declaration.dynamic.is_some() || self.declaration.stop_order.is_together();
        self.mode =
            if is_at_once { Mode::Draining } else { Mode::Closing { at: self.children.last() } };
        self.refuse_all_starts();
        self.refuse_reloads();
        if self.scope.is_nested() {
            self.scope.request_review();
        }
        if is_at_once {
            self.drain();
        }
    }

    /// Asks all children to stop at once. One deadline is set for each distinct timeout.
    pub(super) fn drain(&mut self) {
        let wave = self.waves.begin();
        let mut next = self.children.first();
        while let Some(child) = next {
            next = self.children.after(child);
            let slot = &self.children[child];
            if !matches!(slot.phase(), Phase::Starting | Phase::Up) {
                continue;
            }
            let shutdown = slot.spec().shutdown_setting().normalised();
            self.stop_in_batch(child, shutdown);
            if let Shutdown::Timeout(timeout) = shutdown {
                self.waves.add(child, timeout);
            }
        }
        let timeouts: Vec<_> = self.waves.timeouts().collect();
        for timeout in timeouts {
            self.set_shared(Alarm::shared(timeout), timeout);
        }
        self.set_grace(wave);
    }

    /// Kills all children that were given this time to stop and have not ended. The time of those that
    /// are `spared` is not over in real time.
    pub(crate) fn kill_timed_out(&mut self, timeout: Duration, spared: impl Fn(&Body) -> bool) {
        let wave = self.waves.begin();
        // Nothing is started during a shutdown, so an id still belongs to the same child.
        for child in self.waves.take(timeout) {
            if !self.is_stopping(child) {
                continue;
            }
            if self.children[child].body().is_some_and(&spared) {
                self.waves.add(child, timeout);
            } else {
                self.kill_in_wave(child, KillReason::ShutdownTimeout);
            }
        }
        self.set_grace(wave);
    }

    fn is_stopping(&self, child: ChildId) -> bool {
        self.children.get(child).is_some_and(|slot| slot.phase() == Phase::Stopping)
    }

    /// Kills all children at once, unless that is under way.
    pub(crate) fn kill_all(&mut self) {
        if self.mode == Mode::Killing {
            return;
        }
        self.release_group();
        self.release_reserve();
        self.begin_killing();
        self.mode = Mode::Killing;
        self.refuse_all_starts();
        self.refuse_reloads();
        let wave = self.waves.begin();
        let mut next = self.children.first();
        while let Some(child) = next {
            next = self.children.after(child);
            // A child that was killed before keeps its own grace.
            let phase = self.children[child].phase();
            if matches!(phase, Phase::Starting | Phase::Up | Phase::Stopping) {
                self.note_why(child, Why::SupervisorEnds);
                self.kill_in_wave(child, KillReason::Supervisor);
            }
        }
        self.set_grace(wave);
    }

    fn set_grace(&mut self, wave: u32) {
        let alarm = Alarm::WaveGrace { wave, again: Again::NEVER };
        self.set_shared(alarm, self.timeouts.kill_grace);
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

    /// Children that are killed, or waited for without a limit, have no deadline of their own.
    #[tokio::test(start_paused = true)]
    async fn a_stop_of_dynamic_children_sets_one_timer_for_each_distinct_time() {
        let mut declaration = Declaration::new(Strategy::OneForOne, RestartConfig::default());
        declaration.dynamic = Some(Dynamic {
            max_children: usize::MAX,
            partition: None,
            current_run: Arc::default(),
        });
        let mut engine = Engine::root(Arc::new(declaration));
        for number in 0..1_000_u64 {
            let shutdown = match number % 5 {
                0 => Shutdown::BrutalKill,
                1 => Shutdown::Infinity,
                distinct => Shutdown::Timeout(Duration::from_secs(distinct)),
            };
            let spec = ChildSpec::new("child", stubborn).shutdown(shutdown);
            let child = engine.children.add_last(spec.shared_name(), Arc::new(spec));
            engine.start(child);
        }
        engine.close();
        assert_eq!(engine.timers.len(), 3 + 1, "and one for the grace of the killed children");
    }

    /// The engine would otherwise be woken for a start that cannot happen any more.
    #[tokio::test(start_paused = true)]
    async fn a_shutdown_cancels_the_starts_that_wait_for_a_backoff() {
        let mut declaration = Declaration::new(Strategy::OneForOne, RestartConfig::default());
        declaration.children.push(Arc::new(ChildSpec::new("a", stubborn)));
        let mut engine = Engine::root(Arc::new(declaration));
        let child = engine.children.first().expect("the supervisor has a child");
        engine.start_after(child, Duration::from_secs(1));
        assert_eq!(engine.timers.len(), 1);
        engine.close();
        assert!(engine.timers.is_empty());
    }
}
