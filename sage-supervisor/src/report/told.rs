//! The causes that the upper lines of a report tell, which its rows do not repeat.

use std::error::Error;

use super::Report;
use crate::chain::{own_text, sources};
use crate::contain::ChildPanic;
use crate::exit::Exit;
use crate::visible::one_line;

/// The causes that have been told.
pub(super) struct Told<'a>(Vec<&'a (dyn Error + 'static)>);

impl<'a> Told<'a> {
    /// Returns the causes of the result, and of the failures that are listed.
    pub(super) fn by(report: &'a Report) -> Self {
        let mut told = Vec::new();
        if let Err(error) = report.result() {
            told.extend(sources(error));
        }
        told.extend(report.failures.last.iter().filter_map(|failure| failure.exit.cause()));
        told.extend(report.stop_failures.first.iter().filter_map(|failure| failure.exit.cause()));
        Self(told)
    }

    /// Returns the text of an exit, without a cause that has been told.
    pub(super) fn text(&self, exit: &Exit) -> String {
        let is_told =
            exit.cause().is_some_and(|cause| self.0.iter().any(|told| same(*told, cause)));
        one_line(&if is_told { exit.own_text().to_string() } else { exit.to_string() })
    }
}

/// Returns `true` if both are one error. All clones of an exit refer to one error, except for a panic,
/// which stands in the exit itself.
fn same(a: &(dyn Error + 'static), b: &(dyn Error + 'static)) -> bool {
    match (a.downcast_ref::<ChildPanic>(), b.downcast_ref::<ChildPanic>()) {
        (Some(a), Some(b)) => a == b,
        // Errors without fields may share a place with others.
        _ => std::ptr::addr_eq(a, b) && own_text(a) == own_text(b),
    }
}
