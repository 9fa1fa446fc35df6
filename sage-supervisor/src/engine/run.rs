//! One run of a supervisor: from the end of those before it to its own.

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::Poll;

use super::{Engine, Mode, Step};
use crate::child::{Leaving, RunsElsewhere};
use crate::contain::contain;
use crate::error::{InvalidTree, InvalidTreeKind, SageError, SageResult};

impl Engine {
    /// Runs the supervisor to its end.
    pub(crate) async fn run(mut self) -> SageResult<()> {
        if let Err(error) = self.wait_for_earlier_runs().await {
            self.scope.end(Err(error.clone()));
            return Err(error);
        }
        if let Some(dynamic) = &self.declaration.dynamic {
            dynamic.current_run.tell(Arc::clone(&self.scope) as _);
        }
        let mut step = Step::Pause;
        loop {
            match step {
                Step::Wait => std::future::poll_fn(|cx| self.poll_turn(cx)).await,
                Step::Pause => self.pause().await,
                Step::Over(result) => {
                    let report = self.report();
                    self.scope.outcome().draft(report);
                    // The root's is told by who runs it.
                    if self.scope.is_nested() {
                        self.scope.end(result.clone());
                    }
                    return result;
                }
            }
            self.take_in();
            // Tasks see that they are killed before the order has come down to here: how they end
            // is no failure.
            if self.scope.is_killed() {
                self.kill_all();
            }
            self.decide();
            step = match self.advance() {
                Step::Wait if self.is_in_a_storm() => Step::Pause,
                step => step,
            };
        }
    }

    /// Waits until nothing of an earlier run of this declaration is alive, or the supervisor is to
    /// end before it has begun.
    ///
    /// A dynamic supervisor can be listed twice if what is listed first is down, and in two trees.
    async fn wait_for_earlier_runs(&mut self) -> SageResult<()> {
        let vacated = self.scope.vacated().clone();
        let run = Arc::downgrade(&self.scope) as Weak<dyn Leaving>;
        let earlier = self.declaration.runs().enter(vacated, self.entry.clone(), run);
        for earlier in earlier.map_err(|RunsElsewhere| self.listed_twice())? {
            let mut over = pin!(earlier.cancelled());
            while matches!(self.mode, Mode::Starting { .. }) {
                let is_over = std::future::poll_fn(|cx| {
                    if over.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(true);
                    }
                    self.poll_turn(cx).map(|()| false)
                });
                if is_over.await {
                    break;
                }
                self.take_in();
                if self.is_in_a_storm() {
                    self.pause().await;
                    self.take_in();
                }
            }
        }
        Ok(())
    }

    /// Drops all that was sent and is not answered.
    fn close_mailbox(&mut self) {
        for message in self.scope.mailbox().close() {
            // The waker of whoever asked may be a user's.
            let _ = contain(|| drop(message));
        }
    }

    fn listed_twice(&self) -> SageError {
        let path = self.scope.lineage().to_string();
        SageError::Invalid(Box::new(InvalidTree { path, kind: InvalidTreeKind::ListedTwice }))
    }
}

impl Drop for Engine {
    /// The ordinary end leaves nothing alive but what it has given up on. Dropped half way, the
    /// engine takes with it what it has started.
    fn drop(&mut self) {
        let living = self.roster.slots().filter_map(|slot| slot.body.as_ref());
        for body in living.chain(&self.leftovers) {
            body.kill();
            body.ask_to_stop();
        }
        if self.scope.is_nested() {
            self.scope.end(Err(SageError::RuntimeShutdown));
        }
        self.close_mailbox();
        self.scope.leave();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event::KillReason;
    use crate::report::Requester;
    use crate::{ChildContext, RestartConfig, Strategy, Supervisor};

    async fn stubborn(_: ChildContext) {
        std::future::pending::<()>().await;
    }

    fn supervisor() -> Supervisor {
        Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    }

    /// The deadline of `a` fires in the same turn in which it ends and everything is killed. What
    /// is set then may have its key, and must not be taken for it.
    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_has_fired_takes_no_other_with_it() {
        let tree = supervisor().child("a", stubborn).child("b", stubborn);
        let mut engine = Engine::root(tree.into_declaration());
        engine.advance();
        tokio::task::yield_now().await;
        engine.kill(engine.roster.first().expect("it has children"), KillReason::BrutalKill);
        engine.scope.kill(Requester::Handle);
        tokio::time::advance(Duration::from_secs(2)).await;
        std::future::poll_fn(|cx| engine.poll_turn(cx)).await;
        assert_eq!((engine.mail.len(), engine.fired.len()), (2, 1));
        engine.take_in();
        assert_eq!(engine.timers.len(), 1, "the grace of all that is killed");
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_half_way_it_takes_with_it_what_it_has_started() {
        let nested = supervisor().child("a", stubborn);
        let tree = supervisor().child("b", stubborn).child("nested", nested);
        let engine = Engine::root(tree.into_declaration());
        let vacated = engine.scope.vacated().clone();
        let running = tokio::time::timeout(Duration::from_secs(1), engine.run());
        running.await.expect_err("it runs until it is dropped");
        vacated.cancelled().await;
    }
}
