//! Which siblings a failure takes along.

/// Which siblings are restarted together with a child that ended and is to be restarted.
///
/// Only an exit that leads to a restart touches siblings; see [`RestartPolicy`].
///
/// [`RestartPolicy`]: crate::RestartPolicy
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strategy {
    /// Only the child that ended is restarted, in its place in the order. The default.
    #[default]
    OneForOne,
    /// All children are stopped in reverse start order, then all are started in order.
    OneForAll,
    /// The child that ended and those after it are stopped in reverse start order and started in
    /// order; those before it are untouched.
    RestForOne,
}

/// Who is restarted together with a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// The child alone, in its place.
    Alone,
    /// Every child.
    All,
    /// The child and those after it.
    Rest,
}

impl Strategy {
    pub(crate) fn group(self) -> Group {
        match self {
            Self::OneForOne => Group::Alone,
            Self::OneForAll => Group::All,
            Self::RestForOne => Group::Rest,
        }
    }
}
