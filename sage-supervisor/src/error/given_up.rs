//! The error of a child that exceeded its own restart limit.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::chain::write_sources_if_alternate;
use crate::exit::Exit;

/// A child was given up, because it needed more restarts than its own restart limit allows.
///
/// The [`source`](Error::source) is the error or panic of the last exit of the child.
/// [`ChildSpec::restart_limit`](crate::ChildSpec::restart_limit) has an example.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GivenUp {
    /// The path of the child in the tree.
    pub path: String,
    /// The number of restarts that the child's own limit allows within the window.
    pub max_restarts: u32,
    /// The length of the window.
    pub within: Duration,
    /// The last exit of the child.
    pub exit: Exit,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, max_restarts, within, exit } = self;
        let restarts = if *max_restarts == 1 { "restart" } else { "restarts" };
        write!(
            f,
            "child `{path}` was given up: it needed more than {max_restarts} {restarts} within \
             {within:?}; last exit: {}",
            exit.own_text()
        )?;
        write_sources_if_alternate(f, self)
    }
}

impl Error for GivenUp {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}
