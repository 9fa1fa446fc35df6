//! When the end of a child is the end of its supervisor.

/// Whether a supervisor ends when its significant children have ended.
///
/// A *significant* child, marked by [`ChildSpec::significant`], does what its supervisor is there
/// for. When it ends by itself and is not to be restarted, this says what follows. A child stopped
/// as a sibling of one that is restarted never counts. (As in Erlang/OTP 24.)
///
/// The supervisor stops its other children in reverse order. It ends with `Ok`, or, if a significant
/// child had failed, with [`SageError::Significant`].
///
/// [`ChildSpec::significant`]: crate::ChildSpec::significant
/// [`SageError::Significant`]: crate::SageError::Significant
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AutoShutdown {
    /// It does not; no child may be significant. The default.
    #[default]
    Never,
    /// It ends with the first of them.
    AnySignificant,
    /// It ends with the last of them.
    AllSignificant,
}

/// What becomes of temporary siblings in the restart of their group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TemporarySiblings {
    /// They are started again with their group. The default.
    #[default]
    Restart,
    /// They are stopped and not started again until the supervisor itself is. (As in Erlang/OTP.)
    Remove,
}
