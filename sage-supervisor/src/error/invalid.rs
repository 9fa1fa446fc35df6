//! The declaration breaks a rule.

use thiserror::Error as ThisError;

/// A rule that the declaration of a tree breaks. The whole tree is checked before any of it starts.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, InvalidTreeKind, RestartConfig, SageError};
/// use sage_supervisor::{Strategy, Supervisor};
///
/// async fn worker(_: ChildContext) {}
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let error = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .child("worker", worker)
///     .child("worker", worker)
///     .run()
///     .await
///     .unwrap_err();
/// let SageError::Invalid(invalid) = error else { panic!("{error}") };
/// assert_eq!(invalid.path, "root");
/// assert_eq!(invalid.kind, InvalidTreeKind::DuplicateName("worker".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("invalid supervision tree: supervisor `{}`: {kind}", path.escape_debug())]
#[non_exhaustive]
pub struct InvalidTree {
    /// The path of the supervisor whose declaration it is, such as `shop/storage`.
    pub path: String,
    /// The rule that it breaks.
    pub kind: InvalidTreeKind,
}

/// Which rule a declaration breaks.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum InvalidTreeKind {
    /// A name is empty.
    #[error("a name is empty")]
    EmptyName,
    /// A name contains `/`, which separates the names of a path, or a control character.
    #[error("the name {0:?} contains `/` or a control character")]
    InvalidName(String),
    /// Two siblings have one name.
    #[error("two children are named `{0}`")]
    DuplicateName(String),
    /// Supervisors are nested deeper than this many levels, the root included.
    #[error("it is nested more than {0} levels deep")]
    TooDeep(usize),
    /// A child that cannot say that it is ready is to be ready within some time: its start function
    /// takes no context, it is a process, or a nested supervisor, which is ready when its children
    /// are.
    #[error("child `{0}` cannot say that it is ready")]
    ReadyWithoutContext(String),
    /// A child is given no time to become ready.
    #[error("child `{0}` is given no time to become ready")]
    ZeroReadyWithin(String),
    /// A permanent child is significant: it is always restarted, so it never ends for good.
    #[error("child `{0}` is permanent, so it cannot be significant")]
    SignificantPermanent(String),
    /// A child is significant, and its supervisor never shuts down by itself.
    #[error("child `{0}` is significant, but the supervisor's auto-shutdown is `Never`")]
    SignificantWithoutAutoShutdown(String),
    /// The entry of a named tree starts something else: its call leads to another function than the
    /// one whose tree was checked at compile time.
    #[error("child `{0}` is not the tree `{1}` that it was checked as")]
    TreeMismatch(String, &'static str),
    /// One dynamic supervisor is listed in two places.
    #[error("it is listed in two places of the tree")]
    ListedTwice,
    /// A template that is shared by several children is a supervisor, which keeps what belongs to
    /// one.
    #[error("a supervisor cannot be a shared template")]
    SharedSupervisor,
    /// A template that is shared by several children lends a value, which one child holds at a time.
    #[error("child `{0}` is lent a value, so its spec cannot be a shared template")]
    SharedLentValue(String),
    /// The window of the restart limit is zero.
    #[error("the window of its restart limit is zero")]
    ZeroWindow,
    /// The window of a child's own restart limit is zero.
    #[error("the window of the restart limit of child `{0}` is zero")]
    ZeroChildWindow(String),
    /// A backoff cannot be meant: this is what is wrong with it.
    #[error("its backoff cannot be meant: {0}")]
    InvalidBackoff(&'static str),
    /// The backoff of a child cannot be meant.
    #[error("the backoff of child `{0}` cannot be meant: {1}")]
    InvalidChildBackoff(String, &'static str),
    /// A child that cannot say that it is alive has a heartbeat: its start function takes no context, or
    /// it is a nested supervisor or a process.
    #[error("child `{0}` has a heartbeat, and cannot say that it is alive")]
    HeartbeatWithoutContext(String),
    /// A child is given no time between two heartbeats.
    #[error("child `{0}` is given no time between two heartbeats")]
    ZeroHeartbeat(String),
}
