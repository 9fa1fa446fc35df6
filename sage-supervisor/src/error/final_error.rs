//! The error of a child that cannot be helped by a restart.

use std::error::Error;
use std::fmt;

use crate::chain::write_sources_if_alternate;
use crate::exit::Exit;

/// A child ended with an error that no restart can help, and said so:
/// [`give_up`](crate::ChildContext::give_up),
/// [`fail_supervisor`](crate::ChildContext::fail_supervisor) or
/// [`fail_tree`](crate::ChildContext::fail_tree).
///
/// The [`source`](Error::source) is the error that the child gave.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FinalError {
    /// The path of the child, such as `shop/storage/writer`.
    pub path: String,
    /// The part of the tree that ends with the error.
    pub scope: FailureScope,
    /// The exit of the child: [`Exit::Error`] with the error that it gave, in an [`Exit::FailedStart`] if the
    /// child was not ready yet.
    pub exit: Exit,
}

/// The part of a tree that ends with a [`FinalError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FailureScope {
    /// The child alone.
    Child,
    /// The supervisor of the child, with all its children.
    Supervisor,
    /// The whole tree.
    Tree,
}

impl FailureScope {
    /// Returns the predicate of a sentence about the child.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Child => "gave up",
            Self::Supervisor => "failed its supervisor",
            Self::Tree => "failed the tree",
        }
    }
}

impl fmt::Display for FailureScope {
    /// Writes the scope as a word in lower case: `child`, `supervisor` or `tree`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Child => "child",
            Self::Supervisor => "supervisor",
            Self::Tree => "tree",
        })
    }
}

impl fmt::Display for FinalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, scope, exit } = self;
        write!(f, "child `{path}` {}: {}", scope.verb(), exit.own_text())?;
        write_sources_if_alternate(f, self)
    }
}

impl Error for FinalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.exit.cause()
    }
}
