//! Injected faults: each is armed from outside, and goes off at the next opportunity.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The faults that can be injected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Orders that make their worker panic.
    pub(crate) worker: Fuse,
    /// Transactions that make the writer panic in the middle.
    pub(crate) writer: Fuse,
    /// Requests that the courier's server answers with an error.
    pub(crate) courier: Fuse,
}

/// A number of failures to come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fuse(Arc<AtomicU32>);

impl Fuse {
    /// Lets the next `times` opportunities fail, in addition to those armed before.
    pub(crate) fn arm(&self, times: u32) {
        self.0.fetch_add(times, Ordering::SeqCst);
    }

    /// Uses up one armed fault. Returns `true` if there was one, and the caller has to fail.
    pub(crate) fn goes_off(&self) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}
