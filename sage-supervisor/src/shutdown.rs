//! How long a child may take to stop.

use std::time::Duration;

/// How a child is stopped.
///
/// # Defaults
///
/// | child | default |
/// |---|---|
/// | its start function takes a [`ChildContext`] | 5 s |
/// | a thread, or a process | 5 s |
/// | its start function takes nothing, so it cannot hear the request | [`BrutalKill`] |
/// | a nested supervisor | [`Infinity`] |
///
/// A child that takes a context and never looks at it is waited for in vain until its time is over:
/// give it [`BrutalKill`] if it has nothing to finish.
///
/// As in Erlang/OTP, a supervisor should be given all the time it needs: its own children have
/// settings of their own.
///
/// # Examples
///
/// Each child is given its own time, one after the other, the last one first:
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
/// app.shutdown().await?;
/// assert_eq!(asked.elapsed().as_secs(), 2 + 3);
/// # Ok(())
/// # }
/// ```
///
/// [`ChildContext`]: crate::ChildContext
/// [`BrutalKill`]: Self::BrutalKill
/// [`Infinity`]: Self::Infinity
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// The task is aborted without being asked, and a process killed. A thread can only be asked.
    BrutalKill,
    /// The child is asked to stop, and aborted or killed when it has not ended after this time. A time of
    /// zero is [`BrutalKill`](Self::BrutalKill), one of more than 365 days is
    /// [`Infinity`](Self::Infinity).
    Timeout(Duration),
    /// The child is asked to stop, and waited for however long it takes.
    Infinity,
}

/// A timer further away than this is no timer. It is below what tokio's timer wheel can hold.
pub(crate) const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The kill grace of a root that has none of its own.
pub(crate) const KILL_GRACE: Duration = Duration::from_secs(1);

impl Shutdown {
    /// The default of a child that can hear the request.
    pub(crate) const DEFAULT: Self = Self::Timeout(Duration::from_secs(5));

    /// The same setting with the corner cases folded in: no zero and no endless timeouts.
    pub(crate) const fn normalised(self) -> Self {
        match self {
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
}
