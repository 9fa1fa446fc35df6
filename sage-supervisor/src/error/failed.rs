//! A child failed in a way that its supervisor ends with.

use std::error::Error;
use std::fmt;

use crate::exit::Exit;

/// A child failed to start while its supervisor itself was starting: that is not retried. What had
/// been started was stopped again, in reverse order.
///
/// Its [`source`](Error::source) is the error or panic the start ended with; for a nested
/// supervisor the failed start below, with the path of the child there.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedStart {
    /// The path of the child, such as `shop/storage/writer`.
    pub path: String,
    /// How its first instance ended.
    pub exit: Exit,
}

impl fmt::Display for FailedStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "child `{}` did not start: {}", self.path, self.exit)
    }
}

impl Error for FailedStart {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}

/// A significant child failed and was not to be restarted, and its supervisor shut down by itself.
///
/// Its [`source`](Error::source) is the error or panic of the child.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignificantExit {
    /// The path of the child, such as `shop/storage/writer`.
    pub path: String,
    /// How it ended.
    pub exit: Exit,
}

impl fmt::Display for SignificantExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "significant child `{}` failed: {}", self.path, self.exit)
    }
}

impl Error for SignificantExit {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}
