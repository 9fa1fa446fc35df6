//! The outcome of one run of a supervisor.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::contain::contain;
use crate::error::SageResult;
use crate::lineage::Lineage;
use crate::report::{Draft, EndCause, Report};
use crate::tree::NodeKind;

/// The outcome of one run: unknown until the run has ended, then kept for everybody who asks.
pub(crate) struct RunOutcome {
    born: Instant,
    /// The report of the engine. The result is added to it when it is published.
    draft: Mutex<Option<Arc<Draft>>>,
    published: watch::Sender<Option<Arc<Draft>>>,
}

impl RunOutcome {
    pub(crate) fn new() -> Self {
        let published = watch::Sender::new(None);
        Self { born: Instant::now(), draft: Mutex::new(None), published }
    }

    /// Keeps the report of the engine until the result is known.
    pub(crate) fn keep(&self, draft: Draft) {
        *self.draft.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(draft));
    }

    /// Publishes the outcome. Only the first call has an effect.
    pub(crate) fn publish(&self, lineage: &Lineage, result: SageResult<()>) {
        if self.is_known() {
            return;
        }
        let draft = self.draft.lock().unwrap_or_else(PoisonError::into_inner).take();
        let draft = match (draft, result) {
            (Some(mut draft), result) => {
                // Nobody else has the draft before it is published.
                if let Some(draft) = Arc::get_mut(&mut draft) {
                    draft.head_mut().set_result(result);
                }
                draft
            }
            // The engine was dropped, or has failed, before it made a report.
            (None, Err(error)) => {
                Arc::new(Report::of_error(lineage.to_string(), error, self.born).into())
            }
            (None, Ok(())) => {
                let cause = EndCause::AllEnded;
                let kind = NodeKind::Supervisor;
                Arc::new(Report::new(lineage.to_string(), kind, cause, self.born).into())
            }
        };
        // The wakers may be the user's, and panic.
        let _ = contain(|| {
            self.published.send_if_modified(|published| {
                let is_first = published.is_none();
                published.get_or_insert(draft);
                is_first
            })
        });
    }

    pub(crate) fn is_known(&self) -> bool {
        self.published.borrow().is_some()
    }

    pub(crate) fn get(&self) -> Option<Arc<Draft>> {
        self.published.borrow().clone()
    }

    pub(crate) fn listen(&self) -> watch::Receiver<Option<Arc<Draft>>> {
        self.published.subscribe()
    }
}
