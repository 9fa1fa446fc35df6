//! An option of a declaration, as it is written.

/// An option of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting<T> {
    /// The option is left out.
    Unset,
    /// The option is a literal.
    Known(T),
    /// The option is an expression, whose value is known only at run time.
    Dynamic,
}

impl<T> Setting<T> {
    /// Applies a function to a literal.
    pub fn map<U>(self, known: impl FnOnce(T) -> U) -> Setting<U> {
        match self {
            Self::Unset => Setting::Unset,
            Self::Known(value) => Setting::Known(known(value)),
            Self::Dynamic => Setting::Dynamic,
        }
    }
}

impl<T: Copy> Setting<T> {
    /// The value, with a default for an option that is left out. `None` is a value that is known only at
    /// run time.
    pub(super) const fn or_default(self, default: Option<T>) -> Option<T> {
        match self {
            Self::Unset => default,
            Self::Known(value) => Some(value),
            Self::Dynamic => None,
        }
    }
}

impl<T: Copy> Setting<&T> {
    /// The setting without the borrow.
    #[must_use]
    pub fn copied(self) -> Setting<T> {
        self.map(|value| *value)
    }
}
