//! Faults on purpose: each is armed from outside, and goes off at the next opportunity.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What can be made to fail.
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
    /// Lets this many more of them fail.
    pub(crate) fn arm(&self, times: u32) {
        self.0.fetch_add(times, Ordering::SeqCst);
    }

    /// Whether this one is to fail.
    pub(crate) fn goes_off(&self) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}
