//! The answers to the questions about all children.

use std::sync::Arc;

use tokio::time::Instant;

use super::queries::Pending;
use crate::child::{Operation, Request};
use crate::engine::Engine;
use crate::engine::children::Body;
use crate::scope::{Collector, Collectors};

impl Engine {
    /// Answers the questions about all children, unless the last answer was a moment ago and others may
    /// still be waiting for what the supervisor has to do.
    #[inline]
    pub(crate) fn answer_queries(&mut self, at_once: bool) {
        if self.queries.is_any_pending() {
            self.answer_due(at_once);
        }
    }

    #[cold]
    fn answer_due(&mut self, at_once: bool) {
        let Some(pending) = self.queries.take_due(at_once) else { return };
        let began = Instant::now();
        let copies = self.answer(*pending);
        self.queries.rest(began.elapsed(), copies, self.scope.threads());
    }

    /// Returns the number of callers that copy a part of the answer.
    fn answer(&self, pending: Pending) -> usize {
        let Pending { mut children, mut counts, mut collectors, .. } = pending;
        // Nobody waits for some of the answers any more.
        children.retain(|reply| !reply.is_closed());
        let mut copies = children.len();
        if let Some(last) = children.pop() {
            let statuses = Arc::new(self.statuses());
            for reply in children {
                reply.send(Ok(Arc::clone(&statuses)));
            }
            // The engine keeps no reference, so a caller that is alone need not copy.
            last.send(Ok(statuses));
        }
        counts.retain(|reply| !reply.is_closed());
        if !counts.is_empty() {
            let count = self.count();
            counts.into_iter().for_each(|reply| reply.send(Ok(count)));
        }
        collectors.retain(|collectors| !collectors.iter().all(Collector::is_closed));
        if let Some(collectors) = merge(collectors) {
            copies += collectors.len();
            self.collect(&collectors);
            self.hand_on_snapshot(&collectors);
        }
        copies
    }

    /// Passes the request for a snapshot on to the nested supervisors, which answer in their own time.
    fn hand_on_snapshot(&self, collectors: &Collectors) {
        for child in self.children.all() {
            if let Some(Body::Supervisor(scope)) = self.children[child].body() {
                let operation = Operation::Collect(Arc::clone(collectors));
                scope.command(Request::to_engine(operation).into());
            }
        }
    }
}

/// Makes one request for a snapshot of several.
fn merge(mut collectors: Vec<Collectors>) -> Option<Collectors> {
    if collectors.len() > 1 {
        return Some(collectors.iter().flat_map(|collectors| collectors.iter().cloned()).collect());
    }
    collectors.pop()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;
    use crate::child::Command;
    use crate::command::CommandError;
    use crate::scope::Reply;
    use crate::{ChildContext, RestartConfig, Strategy, Supervisor};

    type Answer<T> = oneshot::Receiver<Result<T, CommandError>>;

    async fn idle(ctx: ChildContext) {
        ctx.cancelled().await;
    }

    fn supervisor() -> Supervisor {
        Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    }

    fn ask<T>(engine: &Engine, operation: impl FnOnce(Reply<T>) -> Operation) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        let operation = operation(Reply::new(reply));
        engine.scope().command(Command::from(Request::to_engine(operation)));
        answer
    }

    /// Carries one turn out, from its messages to the answers.
    async fn turn(engine: &mut Engine) {
        std::future::poll_fn(|cx| engine.poll_turn(cx)).await;
        engine.take_in();
        engine.answer_queries(false);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_in_the_same_turn_shares_one_walk() {
        let tree = supervisor().child("a", idle).child("b", idle);
        let mut engine = Engine::root(tree.into_declaration());
        engine.advance();
        let answers: Vec<_> = (0..100).map(|_| ask(&engine, Operation::Children)).collect();
        let abandoned = ask(&engine, Operation::Children);
        drop(abandoned);
        let (collector, mut parts) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..2 {
            let collectors = Arc::from([collector.clone()]);
            let operation = Operation::Collect(collectors);
            engine.scope().command(Request::to_engine(operation).into());
        }
        turn(&mut engine).await;
        let mut views = Vec::new();
        for answer in answers {
            views.push(answer.await.expect("it is answered").expect("it runs"));
        }
        assert!(views.iter().all(|view| Arc::ptr_eq(view, &views[0])), "one walk for all");
        assert_eq!(Arc::strong_count(&views[0]), 100, "the engine keeps no reference");
        let parts = [parts.recv().await, parts.recv().await].map(|part| part.expect("it runs"));
        assert!(Arc::ptr_eq(&parts[0], &parts[1]), "one walk for both snapshots");

        let later = ask(&engine, Operation::Children);
        turn(&mut engine).await;
        let later = later.await.expect("it is answered").expect("it runs");
        assert!(!Arc::ptr_eq(&later, &views[0]), "no answer is kept for a later turn");
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_waits_for_the_rest_after_a_long_walk() {
        let mut engine = Engine::root(supervisor().child("a", idle).into_declaration());
        engine.advance();
        engine.queries.rest(Duration::from_secs(1), 0, 1);
        let mut count = ask(&engine, Operation::Count);
        let asked = Instant::now();
        turn(&mut engine).await;
        assert!(count.try_recv().is_err(), "it rests");
        turn(&mut engine).await;
        assert_eq!(asked.elapsed(), Duration::from_secs(1));
        assert_eq!(count.await.expect("it is answered").expect("it runs").specs, 1);

        engine.queries.rest(Duration::from_secs(1), 0, 1);
        let count = ask(&engine, Operation::Count);
        std::future::poll_fn(|cx| engine.poll_turn(cx)).await;
        engine.take_in();
        engine.answer_queries(true);
        count.await.expect("it is answered").expect("an end does not wait for the rest");
    }
}
