//! The error that a child has returned, in the form that keeps its type.
//!
//! The reports of `anyhow` and `eyre` are no errors themselves. They refer to the error that they were made
//! of, whose type is lost once they are turned into a box, so they are kept as they are.

use std::any::Any;
use std::error::Error;
use std::fmt;

/// An error that a child has returned.
pub(crate) enum Returned {
    Boxed(Box<dyn Error + Send + Sync + 'static>),
    #[cfg(feature = "anyhow")]
    Anyhow(anyhow::Error),
    #[cfg(feature = "eyre")]
    Eyre(eyre::Report),
}

impl Returned {
    /// Takes an error of a type that hides another error, if `error` is a `Some` with one.
    #[cfg_attr(
        not(any(feature = "anyhow", feature = "eyre")),
        expect(unused_variables, reason = "no such type is known")
    )]
    pub(crate) fn of_wrapper(error: &mut dyn Any) -> Option<Self> {
        #[cfg(feature = "anyhow")]
        if let Some(error) = take::<anyhow::Error>(error) {
            return Some(Self::Anyhow(error));
        }
        #[cfg(feature = "eyre")]
        if let Some(error) = take::<eyre::Report>(error) {
            return Some(Self::Eyre(error));
        }
        None
    }

    pub(crate) fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        match self {
            Self::Boxed(error) => &**error,
            #[cfg(feature = "anyhow")]
            Self::Anyhow(error) => &**error,
            #[cfg(feature = "eyre")]
            Self::Eyre(error) => &**error,
        }
    }
}

impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boxed(error) => error.fmt(f),
            // These write their backtrace as well.
            #[cfg(feature = "anyhow")]
            Self::Anyhow(error) => error.fmt(f),
            #[cfg(feature = "eyre")]
            Self::Eyre(error) => error.fmt(f),
        }
    }
}

/// Takes a value of this type out of an `Option`, if `slot` is an `Option` of the type.
pub(crate) fn take<T: 'static>(slot: &mut dyn Any) -> Option<T> {
    slot.downcast_mut::<Option<T>>()?.take()
}
