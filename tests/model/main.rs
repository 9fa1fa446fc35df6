//! Random trees and random histories, against a naive model.
//!
//! A [tree](tree::Sup) and a [history](tree::Step) are [generated](generate), a real tree is
//! [driven](drive) through the history on paused time, and after every step all that its supervisors
//! told, who is alive, and the result are compared with what the [model] allows. What is
//! [seen](seen) is checked besides for what must be so whatever the model says.
//!
//! `SAGE_MODEL_CASES` is how many histories there are, `SAGE_MODEL_SEED` repeats a run. A failure
//! is shrunk and told as the story up to the first step at which tree and model part.
//!
//! Not among the histories yet: commands by hand. Each would be one more [`What`](tree::What) or
//! [`Finale`](tree::Finale), one more kind of mail in the model, and one more answer to compare.

mod drive;
mod explore;
mod facts;
mod generate;
mod model;
mod seen;
mod stage;
mod tally;
mod tree;

use std::cell::RefCell;
use std::env;
use std::hash::{BuildHasher, RandomState};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use sage_supervisor_tests::quiet_panics;

use drive::drive;
use tally::Tally;

fn number(variable: &str) -> Option<u32> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

/// Any 32 bits that differ from run to run.
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
    let tally = RefCell::new(Tally::default());
    let run = runner.run(&(generate::trees(), generate::histories()), |(tree, history)| {
        drive(&tree, &history, &mut tally.borrow_mut()).map_err(TestCaseError::fail)
    });
    if let Err(failure) = run {
        panic!("SAGE_MODEL_SEED={seed}\n{failure}");
    }
    let tally = tally.into_inner();
    println!("{tally:#?}");
    // Fewer would say nothing of what there is how much of.
    if cases >= 1_000 {
        tally.check(cases.into());
    }
}
