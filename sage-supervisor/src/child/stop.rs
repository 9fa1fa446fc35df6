//! The request to stop, as one instance hears it.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::contain::contain;

/// Whether an instance has been asked to stop.
///
/// The token behind it is made when somebody first waits: most children never do. This is the only
/// place that knows which token it is.
#[derive(Default)]
pub(crate) struct StopSignal(Mutex<State>);

#[derive(Default)]
struct State {
    asked: bool,
    token: Option<CancellationToken>,
}

impl StopSignal {
    /// Asks. Asking again changes nothing.
    pub(crate) fn ask(&self) {
        let token = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.asked = true;
            state.token.take()
        };
        // Outside the lock: this runs the wakers of whoever waits. One that panics harms only those
        // of its own instance.
        if let Some(token) = token {
            let _ = contain(|| token.cancel());
        }
    }

    pub(crate) fn asked(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked
    }

    /// Completes when the instance is asked.
    pub(crate) async fn wait(&self) {
        let token = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.asked {
                return;
            }
            state.token.get_or_insert_with(CancellationToken::new).clone()
        };
        token.cancelled().await;
    }

    /// A token of the caller's own, cancelled when the instance is asked. Cancelling it asks nobody.
    pub(crate) fn token(&self) -> CancellationToken {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.asked {
            let token = CancellationToken::new();
            token.cancel();
            return token;
        }
        state.token.get_or_insert_with(CancellationToken::new).child_token()
    }
}

#[cfg(test)]
mod tests {
    use super::StopSignal;

    #[test]
    fn a_token_hears_the_request_whenever_it_was_taken() {
        let signal = StopSignal::default();
        let early = signal.token();
        assert!(!early.is_cancelled());
        signal.ask();
        assert!(early.is_cancelled());
        assert!(signal.token().is_cancelled());
    }

    #[test]
    fn cancelling_a_token_asks_nobody() {
        let signal = StopSignal::default();
        let other = signal.token();
        signal.token().cancel();
        assert!(!signal.asked());
        assert!(!other.is_cancelled());
    }
}
