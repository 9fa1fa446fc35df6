//! How one run of a supervisor has ended, for whoever wants to know.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::child::Lineage;
use crate::contain::contain;
use crate::error::SageResult;
use crate::report::{Draft, EndCause, Report};
use crate::tree::NodeKind;

/// What is said in the end, and kept.
pub(crate) struct RunOutcome {
    born: Instant,
    /// What the engine has to report, before it is known whether that is all.
    draft: Mutex<Option<Box<Draft>>>,
    said: watch::Sender<Option<Arc<Draft>>>,
}

impl RunOutcome {
    pub(super) fn new() -> Self {
        let said = watch::Sender::new(None);
        Self { born: Instant::now(), draft: Mutex::new(None), said }
    }

    /// What the engine has to say, besides the result.
    pub(super) fn draft(&self, draft: Draft) {
        *self.draft.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(draft));
    }

    /// Says it; only the first time counts.
    pub(super) fn tell(&self, lineage: &Lineage, result: SageResult<()>) {
        if self.is_said() {
            return;
        }
        let draft = self.draft.lock().unwrap_or_else(PoisonError::into_inner).take();
        let draft = match (draft, result) {
            (Some(mut draft), result) => {
                draft.head_mut().set_result(result);
                *draft
            }
            // The engine did not get that far.
            (None, Err(error)) => Report::of_error(lineage.to_string(), error, self.born).into(),
            (None, Ok(())) => {
                let cause = EndCause::AllEnded;
                Report::new(lineage.to_string(), NodeKind::Supervisor, cause, self.born).into()
            }
        };
        // The wakers may be a user's.
        let _ = contain(|| {
            self.said.send_if_modified(|said| {
                let first = said.is_none();
                said.get_or_insert_with(|| Arc::new(draft));
                first
            })
        });
    }

    pub(super) fn is_said(&self) -> bool {
        self.said.borrow().is_some()
    }

    pub(crate) fn get(&self) -> Option<Arc<Draft>> {
        self.said.borrow().clone()
    }

    pub(crate) fn listen(&self) -> watch::Receiver<Option<Arc<Draft>>> {
        self.said.subscribe()
    }
}
