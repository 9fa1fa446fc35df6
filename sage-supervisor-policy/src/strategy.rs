//! The strategies, which select the siblings that are restarted with a child.

/// The siblings that are restarted together with a child that has ended and is to be restarted.
///
/// Only an exit that leads to a restart affects siblings; see [`RestartPolicy`].
///
/// # Examples
///
/// The cache fails once, and is restarted together with the child that was added after it:
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
    /// Only the child that has ended is restarted, in its place in the order. This is the default.
    #[default]
    OneForOne,
    /// All children are stopped in reverse start order, then all of them are started in order.
    OneForAll,
    /// The child that has ended and the children after it are stopped in reverse start order and started
    /// in order. The children before it are not affected.
    RestForOne,
}

/// The children that are restarted together with a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The child alone, in its place.
    Alone,
    /// Every child.
    All,
    /// The child and those after it.
    Rest,
}

impl Strategy {
    /// The strategy of a supervisor that has none of its own.
    #[doc(hidden)]
    pub const DEFAULT: Self = Self::OneForOne;

    /// Every strategy with its word.
    #[doc(hidden)]
    pub const WORDS: [(&'static str, Self); 3] = [
        (Self::OneForOne.word(), Self::OneForOne),
        (Self::OneForAll.word(), Self::OneForAll),
        (Self::RestForOne.word(), Self::RestForOne),
    ];

    /// The word for the strategy in declarations and drawings.
    #[doc(hidden)]
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneForOne => "one_for_one",
            Self::OneForAll => "one_for_all",
            Self::RestForOne => "rest_for_one",
        }
    }

    /// The children that are restarted together with one of them.
    #[doc(hidden)]
    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::OneForOne => Group::Alone,
            Self::OneForAll => Group::All,
            Self::RestForOne => Group::Rest,
        }
    }
}
