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
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
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
