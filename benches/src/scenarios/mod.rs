//! What is measured. One file each.
//!
//! A scenario names its cases and runs one of them for one contestant, in a process of its own. It
//! checks that what it measures has happened: a contestant is not fast by not doing it.

mod churn;
mod direct;
mod events;
mod idle;
mod latency;
mod memory;
mod million;
mod one_for_all;
mod panics;
mod restarts;
mod start;
mod stop;
mod storm;

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::case::{Case, Effort, Findings, Flavor, Metric};
use crate::contestants::{Contestant, Fails, Plan, Tree};
use crate::probe;

/// One scenario.
pub struct Scenario {
    pub name: &'static str,
    pub title: &'static str,
    /// What is measured; where the clock starts and stops.
    pub about: &'static str,
    pub metrics: &'static [Metric],
    /// The forms of it, each with the sizes that it is measured at.
    pub modes: &'static [Mode],
    /// How long one run of one case may take.
    pub limit: Duration,
    /// How many rounds for the floor and ours, and in how many of them the others take part.
    pub rounds: (u32, u32),
    pub run: Run,
}

/// One form of a scenario.
pub struct Mode {
    pub name: &'static str,
    /// How many idle children.
    pub children: &'static [u32],
}

/// A mode as it is told to a reader.
pub fn in_words(mode: &'static str) -> &'static str {
    match mode {
        "cooperative" => "asked (cooperative)",
        "brutal_kill" => "killed (brutal_kill)",
        as_it_is => as_it_is,
    }
}

/// Measures one case for one contestant.
pub type Run = fn(Case, Effort, &'static dyn Contestant) -> Findings;

pub const ALL: [&Scenario; 13] = [
    &restarts::SCENARIO,
    &panics::SCENARIO,
    &storm::SCENARIO,
    &direct::SCENARIO,
    &start::SCENARIO,
    &stop::SCENARIO,
    &memory::SCENARIO,
    &one_for_all::SCENARIO,
    &churn::SCENARIO,
    &latency::SCENARIO,
    &idle::SCENARIO,
    &events::SCENARIO,
    &million::SCENARIO,
];

impl Scenario {
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|scenario| scenario.name == name)
    }

    /// In how many rounds of a case the floor and ours take part, and in how many of them the others.
    pub fn rounds_of(&self, case: Case, effort: Effort) -> (u32, u32) {
        let (for_us, for_others) = self.rounds;
        // A million takes its time, and varies less.
        let is_long = case.children >= 1_000_000;
        if effort.short {
            (for_us.min(3), 0)
        } else if is_long {
            (for_us.min(3), for_others)
        } else {
            self.rounds
        }
    }

    pub fn cases(&'static self, effort: Effort) -> Vec<Case> {
        let mut cases = Vec::new();
        for flavor in Flavor::ALL {
            for mode in self.modes {
                for &children in mode.children {
                    let case = Case { scenario: self.name, mode: mode.name, children, flavor };
                    if !effort.short || children <= 100_000 {
                        cases.push(case);
                    }
                }
            }
        }
        cases
    }
}

/// A part of a scenario that runs within the runtime.
type Part<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Drives a part on the runtime of a case: on a worker, if it has workers.
///
/// The runtime is not shut down afterwards, only left: that would be measured by nobody, and takes
/// its time with many children.
fn drive<T: Send + 'static>(flavor: Flavor, part: Part<T>) -> T {
    let runtime = flavor.build();
    let done = runtime.block_on(runtime.spawn(part));
    std::mem::forget(runtime);
    match done {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Starts a tree, and waits until all that live have been polled.
async fn raise(contestant: &dyn Contestant, plan: Plan) -> Box<dyn Tree> {
    let mut tree = contestant.build(plan);
    let gated = u32::from(plan.fails == Fails::Gated);
    probe::STARTED.expect(plan.children + gated);
    tree.start().await;
    if plan.children + gated > 0 {
        probe::STARTED.reached().await;
    }
    tree
}

/// Lets things settle before something is measured.
const WARM_UP: Duration = Duration::from_millis(60);

/// The remark on those that stop their children last first.
pub const REVERSE_ORDER: &str = "in reverse order";

/// How long something may take to happen for the first time.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often something is counted in a second, from now on, seen from another thread.
async fn rate(counter: &'static probe::Counter, effort: Effort) -> f64 {
    let window = Duration::from_millis(if effort.short { 120 } else { 250 });
    let (tell, told) = tokio::sync::oneshot::channel();
    let begin = Instant::now();
    std::thread::spawn(move || {
        // Some are busy with their start for long after the last first poll.
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

/// The siblings of what failed are those of the beginning.
fn assert_untouched(children: u32) {
    assert_eq!(probe::STARTED.count(), u64::from(children), "siblings were started again");
    assert_eq!(probe::ENDED.count(), 0, "siblings ended");
}

/// Says so if instances were started beside old ones.
fn remark_overlaps(findings: Findings) -> Findings {
    match probe::OVERLAPS.load(Ordering::Relaxed) {
        0 => findings,
        overlaps => findings.remark(format!("{overlaps} started before an old one had ended")),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
