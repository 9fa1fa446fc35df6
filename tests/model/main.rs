//! Random trees and random histories, against a naive model.

mod drive;
mod explore;
mod facts;
mod generate;
mod model;
mod seen;
mod stage;
mod tree;

use std::cell::RefCell;
use std::env;
use std::hash::{BuildHasher, RandomState};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use sage_supervisor_tests::quiet_panics;

use drive::{Tally, drive};

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {text}")))
}

#[test]
fn any_tree_does_what_the_model_says() {
    quiet_panics();
    let cases = number("SAGE_MODEL_CASES").unwrap_or(2_000);
    let seed = number("SAGE_MODEL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
    println!("SAGE_MODEL_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: u32::try_from(cases).expect("fewer than four thousand million"),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let tally = RefCell::new(Tally::new());
    let run = runner.run(&(generate::trees(), generate::histories()), |(tree, history)| {
        drive(&tree, &history, &mut tally.borrow_mut()).map_err(TestCaseError::fail)
    });
    if let Err(failure) = run {
        panic!("SAGE_MODEL_SEED={seed}\n{failure}");
    }
    let tally = tally.into_inner();
    println!("{tally:#?}");
    if cases < 1_000 {
        return;
    }
    // What is left out is little, and what it is about happens.
    let compared = tally["compared"];
    assert!(compared * 10 >= cases * 9, "only {compared} histories were compared to their ends");
    for (what, count) in tally {
        let leaves_out = ["too open", "left for a known fault"].contains(&what);
        assert!(leaves_out || count * 50 >= cases, "{what}: {count} times only");
    }
}
