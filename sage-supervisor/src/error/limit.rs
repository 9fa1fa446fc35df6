//! The error of a supervisor that reached its restart limit.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::chain::write_sources_if_alternate;
use crate::exit::Exit;

/// A supervisor reached its restart limit: one more restart of a child would have exceeded it, and the
/// supervisor ended.
///
/// The [`source`](Error::source) is the error or panic of the child's last exit. [`SageError`] has an
/// example that walks to it.
///
/// [`SageError`]: crate::SageError
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RestartLimitReached {
    /// The path of the supervisor in the tree, such as `shop/storage`.
    pub path: String,
    /// The name of the child whose restart was refused.
    pub child: String,
    /// The number of restarts that the limit allows within the window.
    pub max_restarts: u32,
    /// The length of the window.
    pub within: Duration,
    /// The last exit of the child.
    pub exit: Exit,
}

impl fmt::Display for RestartLimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, child, max_restarts, within, exit } = self;
        let restarts = if *max_restarts == 1 { "restart" } else { "restarts" };
        write!(
            f,
            "supervisor `{path}` reached its maximum restart intensity: child `{child}` needed more \
             than {max_restarts} {restarts} within {within:?}; last exit: {}",
            exit.own_text()
        )?;
        write_sources_if_alternate(f, self)
    }
}

impl Error for RestartLimitReached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}
