//! The error of a closure in a block whose error type is left open.

use super::outcome::{Outcome, Seal};
use crate::error::keep;
use crate::exit::{BoxError, Exit, ExitError};

/// The error of a closure that leaves its error type open, as the macros require it: in a box.
///
/// Any error converts into this one and keeps its type, while the conversion of an `anyhow::Error` into a
/// [`BoxError`] would hide it. The box is part of the type so that `Box::from` is such a conversion too.
#[derive(Debug)]
pub struct OpenError(ExitError);

impl<E> From<E> for Box<OpenError>
where
    E: Into<BoxError> + 'static,
{
    fn from(error: E) -> Self {
        Self::new(OpenError(keep(error)))
    }
}

#[diagnostic::do_not_recommend]
impl Outcome for Result<(), Box<OpenError>> {
    fn into_exit(self, _: Seal) -> Exit {
        match self {
            Ok(()) => Exit::Normal,
            Err(error) => Exit::Error(error.0),
        }
    }
}
