//! The consequences of an end: of a significant child for its supervisor, and of a group restart for
//! temporary siblings.

/// The rule by which a supervisor ends because its significant children have ended.
///
/// A *significant* child, marked by [`ChildSpec::significant`], does the work for which its supervisor
/// exists. The rule applies when such a child ends by itself and is not to be restarted. A child that
/// is stopped as a sibling of a restarted child never counts. (As in Erlang/OTP 24.)
///
/// The supervisor stops its other children in reverse order, and a dynamic supervisor stops them all at
/// once. It ends with `Ok`, or, if a significant child has failed, with [`SageError::Significant`].
///
/// [`ChildSpec::significant`]: ../sage_supervisor/struct.ChildSpec.html#method.significant
/// [`SageError::Significant`]: ../sage_supervisor/enum.SageError.html#variant.Significant
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AutoShutdown {
    /// The supervisor does not end with its children, and none may be significant. This is the default.
    #[default]
    Never,
    /// The supervisor ends with the first of its significant children.
    AnySignificant,
    /// The supervisor ends with the last of its significant children.
    AllSignificant,
}

/// The treatment of temporary siblings in the restart of their group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TemporarySiblings {
    /// Temporary siblings are started again with their group. This is the default.
    #[default]
    Restart,
    /// Temporary siblings are stopped, and are not started again before the supervisor itself is. (As in
    /// Erlang/OTP.)
    Remove,
}

impl AutoShutdown {
    /// Every rule with its word.
    #[doc(hidden)]
    pub const WORDS: [(&'static str, Self); 3] = [
        ("any_significant", Self::AnySignificant),
        ("all_significant", Self::AllSignificant),
        ("never", Self::Never),
    ];
}

impl TemporarySiblings {
    /// Every treatment with its word.
    #[doc(hidden)]
    pub const WORDS: [(&'static str, Self); 2] =
        [("restart", Self::Restart), ("remove", Self::Remove)];
}
