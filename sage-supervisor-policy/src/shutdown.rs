//! The time that a child is given to stop.

use std::time::Duration;

/// The way in which a child is stopped, and the time that it is given.
///
/// # Defaults
///
/// | child | default |
/// |---|---|
/// | a task whose start function takes a [`ChildContext`] | 5 s |
/// | a thread, or a process | 5 s |
/// | a task whose start function takes nothing, so that it cannot receive the request | [`BrutalKill`] |
/// | a nested supervisor | [`Infinity`] |
///
/// A child that takes a context and never looks at it uses up all of its time and is aborted then:
/// give it [`BrutalKill`] if it has nothing to finish.
///
/// A supervisor should be given all the time that it needs, because its own children have settings of
/// their own. (Erlang/OTP recommends the same.)
///
/// # Examples
///
/// Children stop one after the other, the last one first, and each is given its own time:
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// async fn writer(ctx: ChildContext) {
///     ctx.cancelled().await;
///     sleep(Duration::from_secs(3)).await; // flushes
/// }
///
/// async fn deaf(_: ChildContext) {
///     std::future::pending().await
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .children([ChildSpec::new("writer", writer).shutdown(Duration::from_secs(10))])
///     .children([ChildSpec::new("deaf", deaf).shutdown(Duration::from_secs(2))])
///     .start();
/// # sleep(Duration::from_secs(1)).await;
/// let asked = Instant::now();
/// // The deaf child was killed, and the result names it.
/// assert!(app.shutdown().await.is_err());
/// assert_eq!(asked.elapsed().as_secs(), 2 + 3);
/// # Ok(())
/// # }
/// ```
///
/// [`ChildContext`]: ../sage_supervisor/struct.ChildContext.html
/// [`BrutalKill`]: Self::BrutalKill
/// [`Infinity`]: Self::Infinity
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// A task is aborted and a process is killed, without a request to stop. A thread can only be asked.
    BrutalKill,
    /// The child is asked to stop, and is aborted or killed if it has not ended after this time. A time
    /// of zero is [`BrutalKill`](Self::BrutalKill), and a time of more than 365 days is
    /// [`Infinity`](Self::Infinity).
    Timeout(Duration),
    /// The child is asked to stop, and its supervisor waits for it without a limit.
    Infinity,
}

/// The longest time of a timer, 365 days: a longer time is no limit. The timer wheel of tokio holds up
/// to 2^36 ms, a little more than two years.
pub const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The kill grace of a root that has none of its own.
pub const KILL_GRACE: Duration = Duration::from_secs(1);

/// The time for which a restart waits for an unresponsive task, unless another one is set.
pub const UNRESPONSIVE_TIMEOUT: Duration = Duration::from_secs(30);

/// A kill grace in its range, from a millisecond to [`FOREVER`].
#[must_use]
pub const fn clamp_kill_grace(grace: Duration) -> Duration {
    const LEAST: Duration = Duration::from_millis(1);
    // The comparison of two `Duration`s is a method of a trait, which a `const fn` cannot call.
    match grace.as_nanos() {
        nanos if nanos < LEAST.as_nanos() => LEAST,
        nanos if nanos > FOREVER.as_nanos() => FOREVER,
        _ => grace,
    }
}

impl Shutdown {
    /// The default of a worker that can receive the request to stop.
    #[doc(hidden)]
    pub const OF_WORKER: Self = Self::Timeout(Duration::from_secs(5));

    /// The default of a task whose start function takes nothing.
    #[doc(hidden)]
    pub const WITHOUT_CONTEXT: Self = Self::BrutalKill;

    /// The default of a nested supervisor.
    #[doc(hidden)]
    pub const OF_SUPERVISOR: Self = Self::Infinity;

    /// The words for the settings that are not a time.
    #[doc(hidden)]
    pub const WORDS: [(&'static str, Self); 2] =
        [("brutal_kill", Self::BrutalKill), ("infinity", Self::Infinity)];

    /// The setting without a timeout of zero or of more than [`FOREVER`].
    #[doc(hidden)]
    #[must_use]
    pub const fn normalised(self) -> Self {
        match self {
            // The engine normalises every setting before it acts, and so never sets a timer for
            // these two.
            Self::Timeout(Duration::ZERO) => Self::BrutalKill,
            Self::Timeout(time) if time.as_nanos() > FOREVER.as_nanos() => Self::Infinity,
            other => other,
        }
    }
}

impl From<Duration> for Shutdown {
    fn from(time: Duration) -> Self {
        Self::Timeout(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_a_brutal_kill_and_forever_is_infinity() {
        assert_eq!(Shutdown::from(Duration::ZERO).normalised(), Shutdown::BrutalKill);
        assert_eq!(Shutdown::from(Duration::MAX).normalised(), Shutdown::Infinity);
        let second = Shutdown::from(Duration::from_secs(1));
        assert_eq!(second.normalised(), second);
    }

    #[test]
    fn a_kill_grace_is_from_a_millisecond_to_a_year() {
        let second = Duration::from_secs(1);
        assert_eq!(clamp_kill_grace(Duration::ZERO), Duration::from_millis(1));
        assert_eq!(clamp_kill_grace(second), second);
        assert_eq!(clamp_kill_grace(Duration::MAX), FOREVER);
    }
}
