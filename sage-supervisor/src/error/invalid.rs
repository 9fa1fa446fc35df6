//! The error of a declaration that breaks a rule.

use thiserror::Error as ThisError;

/// The declaration of a tree breaks a rule. The whole tree is checked before any child of it starts.
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
    /// The path of the supervisor whose declaration breaks the rule, such as `shop/storage`.
    pub path: String,
    /// The rule that the declaration breaks.
    pub kind: InvalidTreeKind,
}

/// The rule that a declaration breaks.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum InvalidTreeKind {
    /// A name is empty.
    #[error("a name is empty")]
    EmptyName,
    /// A dynamic supervisor was to be reloaded. Its children are not declared, so there is nothing to
    /// compare.
    #[error("a dynamic supervisor has no declared children, so it cannot be reloaded")]
    DynamicReload,
    /// A name contains `/`, which separates the names of a path, a control character, or another character
    /// that cannot be seen: one that sets the direction of the text, separates lines or takes no room. The
    /// joiners U+200C and U+200D are allowed between two characters beyond ASCII, where they are part of the
    /// spelling.
    #[error("the name {0:?} contains `/`, a control character or an invisible character")]
    InvalidName(String),
    /// Two siblings have the same name.
    #[error("two children are named `{0}`")]
    DuplicateName(String),
    /// Supervisors are nested deeper than this many levels, the root included.
    #[error("supervisors are nested more than {0} levels deep")]
    TooDeep(usize),
    /// A child has `ready_within`, but cannot report readiness: its start function takes no context,
    /// or it is a process with neither a driver nor a sign of its readiness, or it is a nested
    /// supervisor, which is ready when its children are.
    #[error("child `{0}` cannot report readiness, so it must not have `ready_within`")]
    ReadyWithoutContext(String),
    /// A process has a sign of its readiness, which is a line of output or a port, and no `ready_within`
    /// that bounds the wait for it.
    #[error("child `{0}` shows when it is ready, so it must have `ready_within`")]
    ReadyWithoutTime(String),
    /// A child that is no process has a setting that only a process can have: a driver, a signal to stop
    /// with, or a sign of its readiness.
    #[error("child `{0}` is no process, so it must not have the settings of one")]
    NotAProcess(String),
    /// The time that a child has to become ready is zero.
    #[error("the `ready_within` of child `{0}` must be longer than zero")]
    ZeroReadyWithin(String),
    /// A permanent child is significant. A permanent child is always restarted, so it never ends for
    /// good.
    #[error("child `{0}` is permanent, so it cannot be significant")]
    SignificantPermanent(String),
    /// A child is significant, but its supervisor never shuts down by itself.
    #[error("child `{0}` is significant, but the supervisor's auto-shutdown is `Never`")]
    SignificantWithoutAutoShutdown(String),
    /// The entry of a named tree starts another tree: its call leads to another function than the one
    /// whose tree was checked at compile time.
    #[error("child `{0}` starts another tree than `{1}`, which was checked at compile time")]
    TreeMismatch(String, &'static str),
    /// A dynamic supervisor, or a clone of it, is listed in two places of the tree.
    #[error("the dynamic supervisor is listed in two places of the tree")]
    ListedTwice,
    /// A dynamic supervisor was started once more, while it runs as a tree of its own.
    #[error("the dynamic supervisor is already running, and has to end before it is started again")]
    AlreadyRunning,
    /// A template that several children share is a supervisor. A supervisor keeps state that belongs to
    /// one child.
    #[error("a supervisor cannot be a shared template")]
    SharedSupervisor,
    /// A template that several children share lends a value. A lent value belongs to one child, which
    /// holds it alone.
    #[error("child `{0}` is lent a value, so its spec cannot be a shared template")]
    SharedLentValue(String),
    /// A pool is declared of children that a value is lent to. A lent value belongs to one child.
    #[error("child `{0}` is lent a value, so it cannot have several instances")]
    PoolOfLentValue(String),
    /// A pool is declared of supervisors. A supervisor keeps state that belongs to one child.
    #[error("child `{0}` is a supervisor, so it cannot have several instances")]
    PoolOfSupervisors(String),
    /// A pool is given to a command that starts or replaces one child.
    #[error("child `{0}` declares several instances, and one child is started by hand")]
    PoolAtRunTime(String),
    /// The window of the restart limit is zero.
    #[error("the window of the restart limit must be longer than zero")]
    ZeroWindow,
    /// The window of a child's own restart limit is zero.
    #[error("the window of the restart limit of child `{0}` must be longer than zero")]
    ZeroChildWindow(String),
    /// The time after which the supervisor forgives the restarts of a child is zero.
    #[error("the `forgive_after` of the supervisor must be longer than zero")]
    ZeroForgiveAfter,
    /// The time after which the restarts of a child are forgiven is zero.
    #[error("the `forgive_after` of child `{0}` must be longer than zero")]
    ZeroChildForgiveAfter(String),
    /// The backoff of the supervisor is invalid. The text says which rule it breaks.
    #[error("invalid backoff: {0}")]
    InvalidBackoff(&'static str),
    /// The backoff of a child is invalid. The text says which rule it breaks.
    #[error("invalid backoff of child `{0}`: {1}")]
    InvalidChildBackoff(String, &'static str),
    /// A child has a `heartbeat`, but cannot give one: its start function takes no context, or it is a
    /// nested supervisor, or a process without a driver.
    #[error("child `{0}` cannot give a heartbeat, so it must not have `heartbeat`")]
    HeartbeatWithoutContext(String),
    /// The time that a child has between two heartbeats is zero.
    #[error("the `heartbeat` of child `{0}` must be longer than zero")]
    ZeroHeartbeat(String),
    /// A child has `every`, and is a process or a supervisor, whose work cannot be periodic.
    #[error("child `{0}` is neither a task nor a thread, so it must not have `every`")]
    NotPeriodic(String),
    /// The period of the work of a child is zero.
    #[error("the `every` of child `{0}` must be longer than zero")]
    ZeroEvery(String),
    /// The period of the work of a child is invalid. The text says which rule it breaks.
    #[error("invalid `every` of child `{0}`: {1}")]
    InvalidEvery(String, &'static str),
}
