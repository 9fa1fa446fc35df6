//! The errors of a supervisor that ends because one child failed.

use std::error::Error;
use std::fmt;

use super::SageError;
use crate::chain::write_sources_if_alternate;
use crate::exit::Exit;

/// A child failed to start while its supervisor itself was starting.
///
/// Such a start is not retried. The children that had been started already were stopped again, in
/// reverse order.
///
/// The [`source`](Error::source) is the error or panic that the start ended with. If the child is a
/// nested supervisor, the source is the failed start below it, with the path of the child there.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedStart {
    /// The path of the child, such as `shop/storage/writer`.
    pub path: String,
    /// The exit of its first instance.
    pub exit: Exit,
}

impl FailedStart {
    /// Returns `true` if the child is a nested supervisor that has ended because of a failed start below
    /// it.
    fn is_above_another(&self) -> bool {
        let cause = self.exit.cause().and_then(|cause| cause.downcast_ref());
        matches!(cause, Some(SageError::FailedStart(_)))
    }
}

impl fmt::Display for FailedStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "child `{}` did not start", self.path)?;
        // The source of a failed start below is that start, which says why.
        if !self.is_above_another() {
            match &self.exit {
                Exit::FailedStart(failure) => write!(f, ": {}", failure.own_text())?,
                exit => write!(f, ": {}", exit.own_text())?,
            }
        }
        write_sources_if_alternate(f, self)
    }
}

impl Error for FailedStart {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}

/// A significant child failed and was not restarted, so its supervisor shut down by itself.
///
/// The [`source`](Error::source) is the error or panic of the child.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignificantExit {
    /// The path of the child, such as `shop/storage/writer`.
    pub path: String,
    /// The exit of the child.
    pub exit: Exit,
}

impl fmt::Display for SignificantExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "significant child `{}` failed: {}", self.path, self.exit.own_text())?;
        write_sources_if_alternate(f, self)
    }
}

impl Error for SignificantExit {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}
