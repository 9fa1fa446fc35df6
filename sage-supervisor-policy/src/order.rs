//! The order in which the children of one supervisor start or stop.

/// The order in which the children of one supervisor start or stop.
///
/// Children that depend on each other start in the order of their declaration, each when the one before it
/// has started, and stop in the reverse order. That takes as long as all of them together. Children that do
/// not depend on each other may start or stop together, which takes as long as the slowest of them.
///
/// (Erlang/OTP knows the first order alone, except for the stop of a `simple_one_for_one` supervisor.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// One child after another: the first one starts first and stops last. This is the default.
    #[default]
    InOrder,
    /// All children at once.
    Together,
}

impl Order {
    /// The order of a supervisor that sets none.
    #[doc(hidden)]
    pub const DEFAULT: Self = Self::InOrder;

    /// Every order with its word.
    #[doc(hidden)]
    pub const WORDS: [(&'static str, Self); 2] =
        [(Self::InOrder.word(), Self::InOrder), (Self::Together.word(), Self::Together)];

    /// The word for the order in declarations and drawings.
    #[doc(hidden)]
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InOrder => "in_order",
            Self::Together => "together",
        }
    }

    /// Returns whether all children start or stop at once.
    #[doc(hidden)]
    #[must_use]
    pub const fn is_together(self) -> bool {
        matches!(self, Self::Together)
    }
}
