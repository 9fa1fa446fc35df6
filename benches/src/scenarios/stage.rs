//! The parts that several scenarios share.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::case::{Effort, Findings, Flavor};
use crate::contestant::{Contestant, Fails, Plan, Tree};
use crate::probe;

/// A part of a scenario that runs within the runtime.
pub(super) type Part<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs a part as a task of a new runtime, so that it is on a worker if the runtime has workers.
///
/// The runtime is leaked: its shutdown belongs to no measurement, and takes long with many children.
pub(super) fn drive<T: Send + 'static>(flavor: Flavor, part: Part<T>) -> T {
    let runtime = flavor.build();
    let done = runtime.block_on(runtime.spawn(part));
    std::mem::forget(runtime);
    match done {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Starts a tree, and waits until all children that live have been polled.
pub(super) async fn raise(contestant: &dyn Contestant, plan: Plan) -> Box<dyn Tree> {
    let mut tree = contestant.build(plan);
    let gated = u32::from(plan.fails == Fails::Gated);
    probe::STARTED.expect(plan.children + gated);
    tree.start().await;
    if plan.children + gated > 0 {
        probe::STARTED.reached().await;
    }
    tree
}

/// The time between the start of a tree and the measurement, in which the runtime comes to rest.
pub(super) const WARM_UP: Duration = Duration::from_millis(60);

/// The time limit for the first occurrences of a counted event.
const PATIENCE: Duration = Duration::from_secs(10);

/// The rate of a counter per second from now on, measured by another thread.
pub(super) async fn rate(counter: &'static probe::Counter, effort: Effort) -> f64 {
    let window = Duration::from_millis(if effort.short { 120 } else { 250 });
    let (tell, told) = tokio::sync::oneshot::channel();
    let begin = Instant::now();
    std::thread::spawn(move || {
        // Some contestants are busy with their start for long after the last first poll.
        while counter.count() < 10 && begin.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(WARM_UP);
        let (before, begin) = (counter.count(), Instant::now());
        std::thread::sleep(window);
        let (after, time) = (counter.count(), begin.elapsed());
        let _ = tell.send(((after - before) as f64 / time.as_secs_f64(), after - before));
    });
    let (rate, counted) = told.await.expect("the thread counts");
    assert!(counted > 0, "nothing happened within {window:?}");
    rate
}

/// Asserts that the siblings of a failed child have neither ended nor been started again.
pub(super) fn assert_untouched(children: u32) {
    assert_eq!(probe::STARTED.count(), u64::from(children), "siblings were started again");
    assert_eq!(probe::ENDED.count(), 0, "siblings ended");
}

/// Adds a remark if new instances were started while old ones were still alive.
pub(super) fn remark_overlaps(findings: Findings) -> Findings {
    match probe::OVERLAPS.load(Ordering::Relaxed) {
        0 => findings,
        overlaps => findings.remark(format!("{overlaps} started before an old one had ended")),
    }
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
