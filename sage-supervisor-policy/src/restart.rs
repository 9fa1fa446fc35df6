//! The restart policies, and the numbers of a restart limit.

use std::time::Duration;

/// The exits of a child that lead to a restart.
///
/// | exit | permanent | transient | temporary |
/// |---|---|---|---|
/// | normal | restart | stays down | stays down |
/// | error, panic, killed | restart | restart | stays down |
///
/// A child that stays down keeps its place: a restart of its group starts it again, even if it is
/// temporary. (Erlang/OTP removes temporary siblings in a group restart; see [`TemporarySiblings`].)
///
/// # Examples
///
/// A child that fails twice and succeeds the third time, under each of the policies:
///
/// ```
/// use sage_supervisor::{RestartConfig, RestartPolicy, SageError, Strategy, Supervisor};
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use RestartPolicy::{Permanent, Temporary, Transient};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// // A permanent child is started again even after it has succeeded, until the limit is reached.
/// for (policy, starts) in [(Permanent, 6), (Transient, 3), (Temporary, 1)] {
///     let counter = Arc::new(AtomicU32::new(0));
///     let counted = Arc::clone(&counter);
///     let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
///     app.add_child("import", policy, move || {
///         let earlier = counted.fetch_add(1, Ordering::Relaxed);
///         async move { if earlier < 2 { Err(SageError::other("busy")) } else { Ok(()) } }
///     });
///     assert_eq!(app.run().await.is_err(), policy == Permanent);
///     assert_eq!(counter.load(Ordering::Relaxed), starts);
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`TemporarySiblings`]: crate::TemporarySiblings
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum RestartPolicy {
    /// The child is restarted after every exit. This is the default of a worker.
    #[default]
    Permanent,
    /// The child is restarted after a failure; a normal exit is the end of its work. This is the
    /// default of a nested supervisor.
    Transient,
    /// The child is never restarted because of its own exit.
    Temporary,
}

impl RestartPolicy {
    /// The default of a task, a thread or a process.
    #[doc(hidden)]
    pub const OF_WORKER: Self = Self::Permanent;

    /// The default of a nested supervisor.
    #[doc(hidden)]
    pub const OF_SUPERVISOR: Self = Self::Transient;

    /// Every restart policy with its word.
    #[doc(hidden)]
    pub const WORDS: [(&'static str, Self); 3] = [
        (Self::Permanent.word(), Self::Permanent),
        (Self::Transient.word(), Self::Transient),
        (Self::Temporary.word(), Self::Temporary),
    ];

    /// The word for the policy in declarations and drawings.
    #[doc(hidden)]
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Transient => "transient",
            Self::Temporary => "temporary",
        }
    }

    /// Returns whether an instance that has ended by itself is followed by another one.
    #[doc(hidden)]
    #[must_use]
    pub const fn restarts_after(self, is_failure: bool) -> bool {
        match self {
            Self::Permanent => true,
            Self::Transient => is_failure,
            Self::Temporary => false,
        }
    }
}

/// A restart limit: at most `max_restarts` automatic restarts within any window of the length
/// `within`. The next restart exceeds the limit, and the supervisor ends.
///
/// The default is 5 restarts within 60 seconds. (Erlang/OTP calls the limit the restart intensity; its
/// default is 1 restart within 5 seconds.) A restart exactly `within` ago still counts, a restart of a
/// whole group counts once, and `max_restarts: 0` allows none. The clock is the one of tokio, so the
/// window follows paused time.
///
/// # How long may a dependency be away?
///
/// Without a backoff, for less than a millisecond: a child that fails at once is started again at once,
/// and six failures within microseconds end the supervisor. A limit without a backoff is for bugs, which
/// a restart either repairs or does not.
///
/// With a [backoff], for as long as it takes: a restart that a backoff delays does not count for the
/// default limit. The child is tried again until the dependency is back, as Kubernetes does it, and the
/// rest of the supervisor stays up. Only a limit that somebody has set ends these attempts: one that
/// differs from the default here, one by [`Supervisor::restart_limit`], one with a `max_restarts` or
/// a `within` in [`supervisor!`], or one of the child itself. Such a limit counts every restart, so it has
/// to fit the delays: with 5 restarts in a minute and delays of 1, 2, 4, 8 and 16 s, a supervisor ends
/// after 31 s. A declared tree [says](../sage_supervisor/struct.DeclaredTree.html#method.gives_up_after_ms)
/// how long that is.
///
/// The end of an instance is never a success that makes up for restarts before it, however the instance
/// ends. What makes up for them is the time that an instance has been up, see
/// [`Supervisor::forgive_after`].
///
/// # Memory
///
/// Up to 3,000 restarts in a window are counted exactly, in up to 64 KiB. Beyond that, the memory does not
/// grow: a restart may then count for up to a thousandth of the window too long, and the supervisor may
/// end that much too early, never too late. [`Supervisor::unlimited_restarts`] sets no limit at all, and
/// needs no memory.
///
/// # Examples
///
/// ```
/// use sage_supervisor::RestartConfig;
/// use std::time::Duration;
///
/// let config = RestartConfig { max_restarts: 3, ..RestartConfig::default() };
/// assert_eq!(config.within, Duration::from_secs(60));
/// ```
///
/// [backoff]: ../sage_supervisor/struct.Backoff.html
/// [`supervisor!`]: ../sage_supervisor/macro.supervisor.html
/// [`Supervisor::forgive_after`]:
/// ../sage_supervisor/struct.Supervisor.html#method.forgive_after
/// [`Supervisor::restart_limit`]:
/// ../sage_supervisor/struct.Supervisor.html#method.restart_limit
/// [`Supervisor::unlimited_restarts`]:
/// ../sage_supervisor/struct.Supervisor.html#method.unlimited_restarts
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RestartConfig {
    /// The number of restarts that are allowed within the window. The default is 5.
    pub max_restarts: u32,
    /// The length of the window, longer than zero. The default is 60 s.
    pub within: Duration,
}

impl RestartConfig {
    /// The limit of a supervisor that has none of its own.
    #[doc(hidden)]
    pub const DEFAULT: Self = Self { max_restarts: 5, within: Duration::from_secs(60) };
}

impl Default for RestartConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_restart_table_is_the_contracts() {
        let table = [
            (RestartPolicy::Permanent, [true, true]),
            (RestartPolicy::Transient, [false, true]),
            (RestartPolicy::Temporary, [false, false]),
        ];
        for (policy, expected) in table {
            assert_eq!([false, true].map(|failed| policy.restarts_after(failed)), expected);
        }
    }
}
