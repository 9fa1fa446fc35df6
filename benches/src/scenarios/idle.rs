//! The cost of idle children.
//!
//! While nothing happens, the watching thread reads the processor time and the number of wake-ups of
//! all other threads.

use std::time::{Duration, Instant};

use super::stage::{assert_untouched, drive, raise};
use crate::case::{Case, Effort, Findings, Metric};
use crate::contestant::{Contestant, Plan};
use crate::proc;
use crate::scenario::{Mode, Scenario};

pub(super) static SCENARIO: Scenario = Scenario {
    name: "idle",
    title: "Children that do nothing",
    about: "Processor time and voluntary context switches of all threads of the runtime in 4 s (2 \
            s in the short form), once all children have been polled.",
    metrics: &[Metric::less("CPU", "ms/s"), Metric::less("wake-ups", "/s")],
    modes: &[Mode { name: "idle", children: &[100_000] }],
    limit: Duration::from_secs(30),
    rounds: (1, 1),
    run,
};

fn run(case: Case, effort: Effort, contestant: &'static dyn Contestant) -> Findings {
    let window = Duration::from_secs(if effort.short { 2 } else { 4 });
    let part = async move {
        let tree = raise(contestant, Plan::idle(case.children)).await;
        let (tell, told) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            let (before, begin) = (proc::activity(), Instant::now());
            std::thread::sleep(window);
            let (after, time) = (proc::activity(), begin.elapsed().as_secs_f64());
            let cpu = (after.cpu - before.cpu).as_secs_f64() * 1e3 / time;
            let wake_ups = (after.wake_ups - before.wake_ups) as f64 / time;
            let _ = tell.send([cpu, wake_ups]);
        });
        let values = told.await.expect("the thread watches");
        assert_untouched(case.children);
        std::mem::forget(tree);
        Findings::of(values)
    };
    drive(case.flavor, Box::pin(part))
}
