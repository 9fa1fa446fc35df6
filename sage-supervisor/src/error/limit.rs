//! The error of a supervisor whose restart limit is reached.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::exit::Exit;

/// A supervisor gave up: a child was to be restarted, and the limit did not allow it.
///
/// Its [`source`](Error::source) is the error or panic of the child's last exit. [`SageError`]
/// shows how to get at it.
///
/// [`SageError`]: crate::SageError
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RestartLimitReached {
    /// The path of the supervisor in the tree, such as `shop/storage`.
    pub path: String,
    /// The name of the child whose restart was refused.
    pub child: String,
    /// How many restarts the limit allows.
    pub max_restarts: u32,
    /// The window they are counted in.
    pub within: Duration,
    /// How the child ended.
    pub exit: Exit,
}

impl fmt::Display for RestartLimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, child, max_restarts, within, exit } = self;
        let restarts = if *max_restarts == 1 { "restart" } else { "restarts" };
        write!(
            f,
            "supervisor `{path}` reached its maximum restart intensity: child `{child}` needed more \
             than {max_restarts} {restarts} within {within:?}; last exit: {exit}"
        )
    }
}

impl Error for RestartLimitReached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}
