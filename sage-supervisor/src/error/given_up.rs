//! A child was given up.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::exit::Exit;

/// A child was given up: it was to be restarted once more than its own limit allows.
///
/// Its [`source`](Error::source) is the error or panic of its last exit.
/// [`ChildSpec::restart_limit`](crate::ChildSpec::restart_limit) has an example.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GivenUp {
    /// The path of the child in the tree.
    pub path: String,
    /// How many restarts its limit allows.
    pub max_restarts: u32,
    /// The window they are counted in.
    pub within: Duration,
    /// How it ended.
    pub exit: Exit,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, max_restarts, within, exit } = self;
        let restarts = if *max_restarts == 1 { "restart" } else { "restarts" };
        write!(
            f,
            "child `{path}` was given up: it needed more than {max_restarts} {restarts} within \
             {within:?}; last exit: {exit}"
        )
    }
}

impl Error for GivenUp {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}
