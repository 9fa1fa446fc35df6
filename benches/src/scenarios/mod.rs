//! The scenarios, each in a file of its own.
//!
//! A scenario names its cases, and runs one of them for one contestant in a process of its own. Every
//! scenario checks that the measured operation has really happened: skipping work makes no contestant
//! faster.

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
mod stage;
mod start;
mod stop;
mod storm;

use crate::scenario::Scenario;

pub use stop::REVERSE_ORDER;

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

pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.into_iter().find(|scenario| scenario.name == name)
}
