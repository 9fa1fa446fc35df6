//! The procedures that go over many children in order: start, group restart, stop, kill.

use super::slot::{Body, Phase};
use super::timers::Alarm;
use super::{Engine, Mode};
use crate::error::{SageError, SageResult, Unresponsive};
use crate::event::Event;

/// How far a child is on its way down.
enum Descent {
    Down,
    Under,
    /// It does not end: unresponsive.
    Stuck,
}

impl Engine {
    /// Goes as far as it can without waiting. The result, once the supervisor is at its end.
    pub(super) fn advance(&mut self) -> Option<SageResult<()>> {
        loop {
            match self.mode {
                Mode::Starting { next } => {
                    let last = next.checked_sub(1).map(|last| self.slots[last].phase);
                    if last == Some(Phase::Starting) {
                        return None;
                    }
                    if next < self.slots.len() {
                        self.mode = Mode::Starting { next: next + 1 };
                        self.start(next);
                    } else {
                        self.mode = Mode::Running;
                        self.tell_ready();
                    }
                }
                Mode::Running => {
                    let over = self.alive == 0 && !self.declaration.keep_alive;
                    return over.then(|| self.result());
                }
                Mode::Restarting { root, cursor } if cursor == root => {
                    self.mode = Mode::Starting { next: root };
                }
                Mode::Restarting { root, cursor } => match self.bring_down(cursor - 1) {
                    Descent::Down => self.mode = Mode::Restarting { root, cursor: cursor - 1 },
                    Descent::Under | Descent::Stuck => return None,
                },
                Mode::Closing { cursor: 0 } => return Some(self.result()),
                Mode::Closing { cursor } => match self.bring_down(cursor - 1) {
                    Descent::Down | Descent::Stuck => {
                        self.mode = Mode::Closing { cursor: cursor - 1 };
                    }
                    Descent::Under => return None,
                },
                Mode::Killing => {
                    let joined = self.alive == self.unresponsive;
                    return joined.then(|| self.result());
                }
            }
        }
    }

    /// Begins the ordered stop of everything, unless it is under way.
    pub(super) fn close(&mut self) {
        if !matches!(self.mode, Mode::Closing { .. } | Mode::Killing) {
            self.mode = Mode::Closing { cursor: self.slots.len() };
        }
    }

    /// Aborts everything at once, and then waits for it.
    pub(super) fn kill_all(&mut self) {
        if matches!(self.mode, Mode::Killing) {
            return;
        }
        self.mode = Mode::Killing;
        for index in 0..self.slots.len() {
            let slot = &mut self.slots[index];
            if !matches!(slot.phase, Phase::Starting | Phase::Up | Phase::Stopping) {
                continue;
            }
            if let Some(body) = &slot.body {
                body.kill();
            }
            slot.phase = Phase::Killed;
            if let Some(key) = slot.timer.take() {
                self.timers.clear(&key);
            }
            self.tell(index, &Event::Kill { reason: "the whole supervisor is killed" });
        }
        self.timers.set(Alarm::Everyone, self.patience.kill_grace);
    }

    /// Everything has been started for the first time: the parent, who waits for that, may go on.
    fn tell_ready(&mut self) {
        if !self.told_ready {
            self.told_ready = true;
            self.scope.tell_ready();
        }
    }

    /// Takes one child a step further down.
    fn bring_down(&mut self, index: usize) -> Descent {
        match self.slots[index].phase {
            Phase::Down => Descent::Down,
            Phase::Starting | Phase::Up => {
                self.ask_to_stop(index);
                Descent::Under
            }
            Phase::Stopping | Phase::Killed => Descent::Under,
            Phase::Unresponsive => Descent::Stuck,
        }
    }

    /// What the supervisor ends with. A task that would not end weighs more than anything else:
    /// nobody may start a second instance beside it.
    fn result(&mut self) -> SageResult<()> {
        let mut cause = self.cause.take();
        let mut paths = self.unresponsive_paths();
        if let Some(SageError::Unresponsive(below)) = cause {
            let Unresponsive { paths: more, cause: root } = *below;
            paths.extend(more);
            cause = root;
        }
        if paths.is_empty() {
            return cause.map_or(Ok(()), Err);
        }
        paths.sort_unstable();
        paths.dedup();
        Err(SageError::Unresponsive(Box::new(Unresponsive { paths, cause })))
    }

    /// The paths of all tasks below that have been given up on.
    fn unresponsive_paths(&self) -> Vec<String> {
        if self.unresponsive == 0 {
            return Vec::new();
        }
        let mut paths = Vec::new();
        for (slot, child) in self.slots.iter().zip(&self.declaration.children) {
            match (slot.phase, &slot.body) {
                (Phase::Unresponsive, Some(Body::Supervisor(_))) => {
                    let below = slot.last_exit.as_ref().and_then(super::instances::unresponsive);
                    paths.extend(below.iter().flat_map(|below| below.paths.iter().cloned()));
                }
                (Phase::Unresponsive, _) => paths.push(self.scope.lineage().join(child.name())),
                _ => {}
            }
        }
        paths
    }
}
