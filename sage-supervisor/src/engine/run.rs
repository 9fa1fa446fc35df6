//! The run of a supervisor, from the end of earlier runs to its own end.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::Engine;
use super::inbox::MESSAGES_PER_TURN;
use super::mode::Mode;
use super::procedure::Progress;
use crate::child::{Message, RunsElsewhere};
use crate::contain::{contain, with_contained_waker};
use crate::error::{InvalidTree, InvalidTreeKind, SageError, SageResult};

impl Engine {
    /// Runs the supervisor to its end.
    pub(crate) async fn run(mut self) -> SageResult<()> {
        if let Err(error) = self.wait_for_earlier_runs().await {
            self.scope.end(Err(error.clone()));
            return Err(error);
        }
        if let Some(dynamic) = &self.declaration.dynamic {
            dynamic.current_run.set(Arc::clone(&self.scope));
        }
        // The first step yields, so that a request to stop which was sent before the first poll is seen
        // before anything is started.
        let mut progress = Progress::Yields;
        loop {
            match progress {
                Progress::Waits => std::future::poll_fn(|cx| self.poll_turn(cx)).await,
                Progress::Yields => self.pause().await,
                Progress::Over => {
                    self.refuse_rest().await;
                    return self.finish();
                }
            }
            self.take_in();
            // Tasks see a kill before its message has arrived here. Everything is killed first, so that
            // their exits are not taken for failures.
            if self.scope.is_killed() {
                self.kill_all();
            }
            // Nothing is decided before everything that was delivered together has been taken in. Only
            // an end does not wait for that.
            if self.inbox.is_behind() && !self.is_ending() {
                progress = Progress::Yields;
                continue;
            }
            self.restart_due();
            self.act_on_departures();
            progress = self.advance();
            // The children that have ended in this turn have left their places by now.
            self.hand_out_places();
            self.review_waits();
            self.answer_queries(progress == Progress::Over);
            let must_yield = self.inbox.must_yield() || !self.children.send_late_answers();
            if progress == Progress::Waits && must_yield {
                progress = Progress::Yields;
            }
        }
    }

    /// Returns the result of the run, and leaves its report with the scope.
    fn finish(&mut self) -> SageResult<()> {
        let result = self.result();
        let report = self.report();
        self.scope.outcome().keep(report);
        // The result of a root is published by the task that runs it.
        if self.scope.is_nested() {
            self.scope.end(result.clone());
        }
        result
    }

    /// Waits until nothing of an earlier run of this declaration is alive, or until the supervisor is to
    /// end before it has begun.
    ///
    /// There is an earlier run if a supervisor is run again, or if a dynamic supervisor is listed in two
    /// places of which the first is down.
    async fn wait_for_earlier_runs(&mut self) -> SageResult<()> {
        let vacated = self.scope.vacated().clone();
        let run = Arc::downgrade(&self.scope);
        let earlier = self.declaration.runs().enter(vacated, self.entry.clone(), run);
        for earlier in earlier.map_err(|elsewhere| self.runs_elsewhere(&elsewhere))? {
            // Several later runs may wait for one earlier run, and the panic of one waker must not
            // reach the others.
            let cancelled = pin!(earlier.cancelled());
            let mut over = pin!(with_contained_waker(cancelled));
            while matches!(self.mode, Mode::Starting { .. }) {
                let is_over = std::future::poll_fn(|cx| {
                    if over.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(true);
                    }
                    if self.children.has_late_answers() {
                        return Poll::Ready(false);
                    }
                    self.poll_turn(cx).map(|()| false)
                });
                if is_over.await {
                    break;
                }
                self.take_in();
                if self.inbox.must_yield() || !self.children.send_late_answers() {
                    self.pause().await;
                    self.take_in();
                }
                self.answer_queries(false);
            }
        }
        Ok(())
    }

    /// Refuses further messages, and drops those that were not handled, which answers the callers of
    /// commands. Other tasks run in between.
    async fn refuse_rest(&mut self) {
        let mut rest = self.close_mailbox();
        while !self.children.send_late_answers() {
            tokio::task::yield_now().await;
        }
        loop {
            rest.by_ref().take(MESSAGES_PER_TURN).for_each(drop_message);
            let Some(next) = rest.next() else { return };
            tokio::task::yield_now().await;
            drop_message(next);
        }
    }

    /// Refuses further messages. Returns those that were not handled.
    fn close_mailbox(&mut self) -> impl Iterator<Item = Message> + Send + use<> {
        self.inbox.take_rest().chain(self.scope.mailbox().close())
    }

    fn runs_elsewhere(&self, elsewhere: &RunsElsewhere) -> SageError {
        let path = self.scope.lineage().to_string();
        let kind = match elsewhere {
            RunsElsewhere::Root => InvalidTreeKind::AlreadyRunning,
            RunsElsewhere::Nested => InvalidTreeKind::ListedTwice,
        };
        SageError::Invalid(Box::new(InvalidTree { path, kind }))
    }
}

impl Drop for Engine {
    /// Ends everything that is alive. After an ordinary end these are the unresponsive instances alone.
    /// An engine that is dropped half way ends everything that it has started.
    fn drop(&mut self) {
        for body in self.children.living() {
            // An abort alone would not cancel a context that the instance has handed to other tasks.
            body.kill();
            body.ask_to_stop();
        }
        if self.scope.is_nested() {
            self.scope.end(Err(SageError::RuntimeShutdown));
        }
        self.close_mailbox().for_each(drop_message);
        self.children.settle();
        self.scope.leave();
    }
}

/// Drops a message, which answers the caller of a command.
fn drop_message(message: Message) {
    // The waker of a caller may be the user's, and panic.
    let _ = contain(|| drop(message));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::phase::Phase;
    use crate::event::KillReason;
    use crate::report::Requester;
    use crate::scope::Why;
    use crate::{ChildContext, ChildSpec, RestartConfig, Strategy, Supervisor};

    async fn stubborn(_: ChildContext) {
        std::future::pending::<()>().await;
    }

    fn supervisor() -> Supervisor {
        Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    }

    /// The deadline of `a` fires in the same turn in which `a` ends and everything is killed. A deadline
    /// that is set then must not be taken for the one that has fired.
    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_has_fired_settles_no_other() {
        let tree = supervisor().child("a", stubborn).child("b", stubborn);
        let mut engine = Engine::root(tree.into_declaration());
        engine.advance();
        tokio::task::yield_now().await;
        engine
            .kill(engine.children.first().expect("the tree has children"), KillReason::BrutalKill);
        engine.scope.kill(Requester::Handle);
        tokio::time::advance(Duration::from_secs(2)).await;
        std::future::poll_fn(|cx| engine.poll_turn(cx)).await;
        assert_eq!((engine.inbox.mail.len(), engine.inbox.fired.len()), (2, 1));
        engine.take_in();
        assert_eq!(engine.timers.len(), 1, "the grace of all killed children");
    }

    /// The exit of the child, which is in time, is the last of very many messages that are delivered when
    /// its time is over.
    #[tokio::test(start_paused = true)]
    async fn a_deadline_waits_for_the_exits_that_were_delivered_before_it() {
        let polite = ChildSpec::new("a", async |ctx: ChildContext| ctx.cancelled().await);
        let tree = supervisor().children([polite.shutdown(Duration::from_secs(1))]);
        let mut engine = Engine::root(tree.into_declaration());
        engine.advance();
        tokio::task::yield_now().await;
        let child = engine.children.first().expect("the tree has a child");
        engine.stop(child, Why::StopByHand);
        for _ in 0..2 * MESSAGES_PER_TURN {
            engine.scope.ready(child, 0);
        }
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_secs(2)).await;
        for phase in [Phase::Stopping, Phase::Stopping, Phase::Down] {
            std::future::poll_fn(|cx| engine.poll_turn(cx)).await;
            engine.take_in();
            assert_eq!(engine.children[child].phase(), phase);
        }
        assert!(!engine.inbox.has_backlog());
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_is_dropped_half_way_ends_what_it_has_started() {
        let nested = supervisor().child("a", stubborn);
        let tree = supervisor().child("b", stubborn).child("nested", nested);
        let engine = Engine::root(tree.into_declaration());
        let vacated = engine.scope.vacated().clone();
        let running = tokio::time::timeout(Duration::from_secs(1), engine.run());
        running.await.expect_err("the engine runs until it is dropped");
        vacated.cancelled().await;
    }
}
