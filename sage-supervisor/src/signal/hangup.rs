//! SIGHUP: its meaning for the process, and the function that may take the place of a stop.

use std::io::{IsTerminal as _, stderr, stdout};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};

use crate::handle::SupervisorHandle;

/// The function that is called at a hangup.
pub(crate) type OnHangup =
    Box<dyn Fn(SupervisorHandle) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// The task that calls the function. Dropping this ends the task, and the call that is under way.
pub(super) struct Calls(AbortHandle);

impl Calls {
    /// Starts the task, which calls the function each time that `heard` is notified. Hangups during a
    /// call lead to one more call.
    pub(super) fn start(function: OnHangup, handle: SupervisorHandle, heard: Arc<Notify>) -> Self {
        let function = Arc::new(function);
        let calls = async move {
            loop {
                heard.notified().await;
                let (function, handle) = (Arc::clone(&function), handle.clone());
                // A call is a task of its own, so that a panic in it is the end of that call alone. The
                // set ends the call if it is dropped.
                let mut call = JoinSet::new();
                call.spawn(async move { function(handle).await });
                let _ = call.join_next().await;
            }
        };
        Self(tokio::spawn(calls).abort_handle())
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Returns whether a hangup is a request to stop: unless the process ignores it, as under `nohup`, or
/// has a handler for it already.
///
/// This must be asked before the process listens to the signal.
pub(super) fn is_request_to_stop() -> bool {
    if cfg!(not(unix)) {
        return false;
    }
    let status = if cfg!(any(target_os = "linux", target_os = "android")) {
        std::fs::read_to_string("/proc/self/status").unwrap_or_default()
    } else {
        String::new()
    };
    // Other platforms do not tell in a text what a process ignores. `nohup` leaves neither of these
    // two connected to a terminal.
    is_untouched(&status).unwrap_or_else(|| stdout().is_terminal() || stderr().is_terminal())
}

/// Returns whether a process neither ignores nor handles a hangup, by the text of its status; `None` if
/// the text does not tell.
fn is_untouched(status: &str) -> Option<bool> {
    let has_hangup = |field: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix(field))?.trim();
        // The lowest bit is that of signal 1.
        u128::from_str_radix(mask, 16).ok().map(|mask| mask & 1 == 1)
    };
    Some(!has_hangup("SigIgn:")? && !has_hangup("SigCgt:")?)
}

#[cfg(test)]
mod tests {
    use super::is_untouched;

    #[test]
    fn the_status_of_a_process_tells_what_it_ignores() {
        let status = |ignored, caught| {
            format!("Name:\tshop\nSigBlk:\t0001\nSigIgn:\t{ignored}\nSigCgt:\t{caught}\n")
        };
        let table = [
            ("0000000000001000", "0000000000000440", Some(true)),
            ("0000000000001001", "0000000000000440", Some(false)),
            ("0000000000000000", "0000000000000001", Some(false)),
            ("00000000000000000000000000000003", "00000000000000000000000000000000", Some(false)),
            ("none", "0000000000000000", None),
        ];
        for (ignored, caught, expected) in table {
            assert_eq!(is_untouched(&status(ignored, caught)), expected, "{ignored} {caught}");
        }
        assert_eq!(is_untouched(""), None);
    }
}
