//! The progress of the present procedure.

use crate::engine::Engine;
use crate::engine::children::Plan;
use crate::engine::mode::Mode;
use crate::engine::phase::Phase;
use crate::scope::{ChildId, Why};

/// The number of children that are started before other tasks may run.
const STARTS_BEFORE_YIELD: usize = 128;

/// The state in which a procedure rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The procedure waits for a message or a deadline.
    Waits,
    /// The procedure can go on at once, after other tasks have run.
    Yields,
    /// All children are down or left behind as unresponsive: the supervisor has ended.
    Over,
}

/// The state of a child that is being brought down.
enum StopProgress {
    Down,
    Stopping,
    Unresponsive,
}

impl Engine {
    /// Goes on with the present procedure as far as possible without waiting. It yields during a long
    /// start, so that a request to stop takes effect in the middle of it.
    pub(crate) fn advance(&mut self) -> Progress {
        debug_assert!(
            self.group_start.is_none() || matches!(self.mode, Mode::Restarting { .. }),
            "only a group that is being restarted has a deadline"
        );
        let mut starts = 0;
        loop {
            match self.mode {
                Mode::Starting { next } => {
                    if self.awaited_start().is_some() {
                        return Progress::Waits;
                    }
                    let Some(next) = next else {
                        self.finish_start();
                        continue;
                    };
                    // In a tree that fails, nothing more is started.
                    if starts == 0 && self.scope.failure_of_tree().is_some() {
                        return Progress::Waits;
                    }
                    if starts == STARTS_BEFORE_YIELD {
                        return Progress::Yields;
                    }
                    // The mode moves past the child first, so that the child no longer counts as
                    // one that is still to be started.
                    self.mode = Mode::Starting { next: self.children.after(next) };
                    let stays = self.children[next].plan() == Plan::Stay;
                    if self.is_left_out(next) {
                        self.remove_if_spent(next);
                    } else if !stays {
                        starts += 1;
                        self.start(next);
                    }
                }
                Mode::Running => {
                    // A supervisor ends with its last child, unless a setting or a command keeps it
                    // up.
                    let is_kept = self.declaration.keep_alive
                        || self.children.is_kept_by_hand()
                        || self.children.has_unstarted();
                    // While no child is alive, the only deadlines are those of pending restarts.
                    let is_over =
                        !self.children.is_any_alive() && !is_kept && self.timers.is_empty();
                    return if is_over { Progress::Over } else { Progress::Waits };
                }
                Mode::Restarting { root, at } => match self.bring_down(at, self.why_in_group(at)) {
                    StopProgress::Down if at == root => {
                        self.carry_out_waiting_reload();
                        // A reload may have removed members of the group.
                        if self.mode != (Mode::Restarting { root, at }) {
                            continue;
                        }
                        // In a tree that fails, the group waits for its own stop.
                        if self.group_start.is_some() || self.scope.failure_of_tree().is_some() {
                            return Progress::Waits;
                        }
                        self.mode = Mode::Starting { next: Some(root) };
                        self.awaited = None;
                    }
                    StopProgress::Down => {
                        let at = self.children.before(at).expect("the root comes before `at`");
                        self.mode = Mode::Restarting { root, at };
                    }
                    StopProgress::Stopping => return Progress::Waits,
                    StopProgress::Unresponsive => {
                        // The child may have become unresponsive before the restart waited for it.
                        if self.children[at].deadline().is_none() {
                            self.schedule(at, Some(self.timeouts.unresponsive_timeout));
                        }
                        return Progress::Waits;
                    }
                },
                Mode::Closing { at: None } => return Progress::Over,
                Mode::Closing { at: Some(at) } => {
                    if self.scope.is_nested() {
                        self.keep_reserve();
                        if self.mode == Mode::Draining {
                            continue;
                        }
                    }
                    self.note_stopping(at);
                    match self.bring_down(at, Why::SupervisorEnds) {
                        StopProgress::Down | StopProgress::Unresponsive => {
                            self.mode = Mode::Closing { at: self.children.before(at) };
                        }
                        StopProgress::Stopping => return Progress::Waits,
                    }
                }
                Mode::Draining | Mode::Killing => {
                    let is_over = self.children.are_all_joined();
                    return if is_over { Progress::Over } else { Progress::Waits };
                }
            }
        }
    }

    /// Returns why a member of a group goes down that is restarted.
    pub(super) fn why_in_group(&self, child: ChildId) -> Why {
        if self.is_left_out(child) { Why::LeftOut } else { Why::Group }
    }

    fn finish_start(&mut self) {
        self.mode = Mode::Running;
        self.startup.complete();
        // The parent may be waiting for this supervisor's first start.
        self.scope.tell_ready();
        self.go_on_with_reloads();
    }

    /// Takes one child a step further down.
    fn bring_down(&mut self, child: ChildId, why: Why) -> StopProgress {
        match self.children[child].phase() {
            Phase::Down => StopProgress::Down,
            Phase::Starting | Phase::Up => {
                self.stop(child, why);
                StopProgress::Stopping
            }
            Phase::Stopping | Phase::Killed => StopProgress::Stopping,
            Phase::Unresponsive => StopProgress::Unresponsive,
        }
    }
}
