//! Limits on the system's clock, in a runtime whose own clock is paused.
//!
//! A thread or a process lives in real time, while a paused clock jumps to the next deadline as soon as
//! all tasks wait. A deadline of such a child is therefore held until its time is over in real time
//! too. Tokio does not move a paused clock while a blocking task runs, so the wait is one.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::task::coop::unconstrained;
use tokio::task::{JoinHandle, spawn_blocking};

/// The time between two looks at a child whose heartbeat ends the wait.
const LOOK: Duration = Duration::from_millis(5);

/// A wait in real time. The wait ends early when it is dropped, so that it holds up neither the clock
/// nor the end of the runtime.
pub(crate) struct RealTime {
    wait: JoinHandle<()>,
    /// The thread that waits notices the end of this sender.
    _keeper: Sender<()>,
}

impl RealTime {
    /// Begins to wait for `time`, or until `is_over` returns `true`.
    pub(crate) fn wait(
        time: Duration,
        is_over: Option<impl Fn() -> bool + Send + 'static>,
    ) -> Self {
        let (keeper, dropped) = channel();
        let until = Instant::now() + time;
        let wait = spawn_blocking(move || sleep(until, &dropped, is_over.as_ref()));
        Self { wait, _keeper: keeper }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // With the task's cooperative budget used up, the handle would only wake the task again and
        // again. An error means that the runtime ends.
        pin!(unconstrained(Pin::new(&mut self.wait))).poll(cx).map(drop)
    }
}

fn sleep(until: Instant, dropped: &Receiver<()>, is_over: Option<&impl Fn() -> bool>) {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let pause = if is_over.is_some() { left.min(LOOK) } else { left };
        let is_dropped = dropped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout);
        if is_dropped || left.is_zero() || is_over.is_some_and(|is_over| is_over()) {
            return;
        }
    }
}

impl fmt::Debug for RealTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealTime").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: Duration = Duration::from_secs(300);

    async fn over(mut wait: RealTime) {
        std::future::poll_fn(|cx| wait.poll(cx)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_stands_still_meanwhile() {
        let (began, real) = (tokio::time::Instant::now(), Instant::now());
        let time = Duration::from_millis(30);
        let other = tokio::time::timeout(Duration::from_millis(1), std::future::pending::<()>());
        tokio::select! {
            biased;
            () = over(RealTime::wait(time, None::<fn() -> bool>)) => {}
            _ = other => panic!("the clock has moved"),
        }
        assert!(real.elapsed() >= time && began.elapsed().is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_early_when_it_is_over_or_dropped() {
        let real = Instant::now();
        over(RealTime::wait(FAR, Some(|| true))).await;
        drop(RealTime::wait(FAR, None::<fn() -> bool>));
        tokio::time::sleep(FAR).await;
        assert!(real.elapsed() < FAR);
    }

    #[test]
    fn the_end_of_a_runtime_does_not_wait() {
        let real = Instant::now();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime");
        let task = async { over(RealTime::wait(FAR, None::<fn() -> bool>)).await };
        runtime.block_on(async {
            tokio::spawn(task);
            tokio::task::yield_now().await;
        });
        drop(runtime);
        assert!(real.elapsed() < FAR);
    }
}
