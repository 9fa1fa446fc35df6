//! The answers that are sent in later turns.

use std::collections::{VecDeque, vec_deque};
use std::sync::Arc;
use std::vec;

use super::slot::Caller;
use crate::command::CommandError;
use crate::scope::{Place, Reply};

/// The number of callers of one child that are answered in one turn. A million callers may wait for the
/// same start.
pub(super) const ANSWERS_PER_TURN: usize = 1_024;

/// The answers that are sent in later turns, so that other tasks on this thread can run. None is lost:
/// the destructor sends the rest.
#[derive(Default)]
pub(super) struct LateAnswers(VecDeque<Batch>);

/// Callers that all get the same answer.
enum Batch {
    /// The callers of commands about one child.
    Callers { callers: vec::IntoIter<Caller>, answer: Result<Arc<str>, CommandError> },
    /// The callers that wait for a place, and are refused.
    Refused { waiting: vec_deque::IntoIter<Reply<Place>>, error: CommandError },
}

impl Batch {
    fn len(&self) -> usize {
        match self {
            Self::Callers { callers, .. } => callers.len(),
            Self::Refused { waiting, .. } => waiting.len(),
        }
    }

    /// Answers the next caller. Returns `false` if there is none.
    fn send_next(&mut self) -> bool {
        match self {
            Self::Callers { callers, answer } => {
                let Some(caller) = callers.next() else { return false };
                caller.reply.send(answer.clone());
            }
            Self::Refused { waiting, error } => {
                let Some(reply) = waiting.next() else { return false };
                reply.send(Err(error.clone()));
            }
        }
        true
    }
}

impl LateAnswers {
    pub(super) fn add(&mut self, callers: Vec<Caller>, answer: Result<Arc<str>, CommandError>) {
        self.0.push_back(Batch::Callers { callers: callers.into_iter(), answer });
    }

    /// Refuses callers that wait for a place.
    pub(super) fn refuse(&mut self, waiting: VecDeque<Reply<Place>>, error: CommandError) {
        self.0.push_back(Batch::Refused { waiting: waiting.into_iter(), error });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sends the answers of one turn.
    pub(super) fn send(&mut self) {
        self.send_up_to(ANSWERS_PER_TURN);
    }

    fn send_up_to(&mut self, most: usize) {
        let mut left = most;
        while let Some(batch) = self.0.front_mut() {
            while left > 0 && batch.send_next() {
                left -= 1;
            }
            if batch.len() > 0 {
                return;
            }
            self.0.pop_front();
        }
    }
}

impl Drop for LateAnswers {
    fn drop(&mut self) {
        self.send_up_to(usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::scope::Reply;

    type Answer = oneshot::Receiver<Result<Arc<str>, CommandError>>;

    fn callers(number: usize) -> (Vec<Caller>, Vec<Answer>) {
        let caller = |_| {
            let (reply, answer) = oneshot::channel();
            (Caller { reply: Reply::new(reply), task: None, entered: None }, answer)
        };
        (0..number).map(caller).unzip()
    }

    fn answered(answers: &mut [Answer]) -> usize {
        answers.iter_mut().filter_map(|answer| answer.try_recv().ok()).count()
    }

    #[test]
    fn a_turn_sends_so_many_answers_and_none_is_lost() {
        let mut late = LateAnswers::default();
        let ((first, mut to_first), (second, mut to_second)) =
            (callers(ANSWERS_PER_TURN / 2), callers(2 * ANSWERS_PER_TURN));
        late.add(first, Ok(Arc::from("a")));
        late.add(second, Err(CommandError::StartsOnce { path: "b".to_owned() }));
        late.send();
        let half = ANSWERS_PER_TURN / 2;
        assert_eq!([answered(&mut to_first), answered(&mut to_second)], [half, half]);
        late.send();
        assert_eq!(answered(&mut to_second), ANSWERS_PER_TURN);
        drop(late);
        assert_eq!(answered(&mut to_second), half, "the destructor sends the rest");
    }
}
