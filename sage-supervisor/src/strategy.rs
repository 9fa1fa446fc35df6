//! Which siblings a failure takes along.

/// Which siblings are restarted together with a child that ended and is to be restarted.
///
/// Only an exit that leads to a restart touches siblings; see [`RestartPolicy`].
///
/// # Examples
///
/// The cache fails once, and takes along what was added after it:
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Strategy, Supervisor};
/// use tokio::sync::mpsc;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let (started, mut starts) = mpsc::unbounded_channel();
/// let service = move |ctx: ChildContext| {
///     started.send(ctx.name().to_owned()).unwrap();
///     async move {
///         match (ctx.name(), ctx.restarts()) {
///             ("cache", 0) => Err("the connection is lost"),
///             _ => Ok(ctx.cancelled().await),
///         }
///     }
/// };
/// let app = Supervisor::new(Strategy::RestForOne, RestartConfig::default())
///     .children(["db", "cache", "web"].map(|name| ChildSpec::new(name, service.clone())))
///     .start();
/// for name in ["db", "cache", "web", "cache", "web"] {
///     assert_eq!(starts.recv().await.unwrap(), name);
/// }
/// # app.shutdown().await
/// # }
/// ```
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

impl Strategy {
    /// The first member of the group that restarts when the child at `failed` is restarted; the
    /// group reaches to the last child. `None`: no group, the child restarts alone.
    pub(crate) fn group_root(self, failed: usize) -> Option<usize> {
        match self {
            Self::OneForOne => None,
            Self::OneForAll => Some(0),
            Self::RestForOne => Some(failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Strategy;

    #[test]
    fn the_group_reaches_from_its_root_to_the_end() {
        for failed in 0..4 {
            assert_eq!(Strategy::OneForOne.group_root(failed), None);
            assert_eq!(Strategy::OneForAll.group_root(failed), Some(0));
            assert_eq!(Strategy::RestForOne.group_root(failed), Some(failed));
        }
    }
}
