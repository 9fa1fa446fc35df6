//! Random trees and random histories, compared with a naive model.
//!
//! A [tree](tree::Sup) and a [history](history::Step) are [generated](generate), and a real tree is
//! [played](play) through the history on paused time. After every step the reports of all
//! supervisors, the living workers and the result are compared with those that the [model] allows.
//! Independently of the model, the observations are checked against [invariants](seen).
//!
//! `SAGE_MODEL_CASES` is the number of histories, and `SAGE_MODEL_SEED` repeats a run. A failure is
//! shrunk and told as a story, up to the first step at which the tree and the model differ.
//!
//! After every step the children that every supervisor [shows](answers::Shown), its counts, and the
//! answers to commands are compared as well. Two things are left out of the histories. No thread is
//! ever blocked, so no child is ever unresponsive; and no worker sends heartbeats, so every worker
//! that declares a heartbeat misses it.

mod answers;
mod coverage;
mod drive;
mod explore;
mod facts;
mod generate;
mod hands;
mod history;
mod model;
mod plan;
mod play;
mod seen;
mod sight;
mod stage;
mod tally;
mod tree;

use std::cell::RefCell;
use std::env;
use std::hash::{BuildHasher, RandomState};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use sage_supervisor_tests::quiet_panics;

use coverage::Coverage;
use drive::drive;
use tally::Tally;

fn number(variable: &str) -> Option<u32> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

/// A seed of 32 bits that differs from run to run.
fn any_seed() -> u32 {
    let [a, b, c, d, ..] = RandomState::new().hash_one(()).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[test]
fn any_tree_does_what_the_model_says() {
    quiet_panics();
    let cases = number("SAGE_MODEL_CASES").unwrap_or(2_000);
    let seed = number("SAGE_MODEL_SEED").unwrap_or_else(any_seed);
    println!("SAGE_MODEL_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let counted = RefCell::new((Tally::default(), Coverage::default()));
    let run = runner.run(&(generate::trees(), generate::histories()), |(tree, history)| {
        let (tally, coverage) = &mut *counted.borrow_mut();
        drive(&tree, &history, tally, coverage).map_err(TestCaseError::fail)
    });
    if let Err(failure) = run {
        panic!("SAGE_MODEL_SEED={seed}\n{failure}");
    }
    let (tally, coverage) = counted.into_inner();
    println!("{tally:#?}\n{coverage:?}");
    // With fewer histories, the counts would say nothing about how often each case occurs.
    if cases >= 1_000 {
        tally.check(cases.into());
        coverage.check(cases.into());
    }
}
