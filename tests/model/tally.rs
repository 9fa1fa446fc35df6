//! Counts of what has happened in all histories.

use std::collections::BTreeMap;

use crate::facts::{Failure, Told};

#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

/// The words in facts that are counted, each with its name in the tally.
const COUNTED: [(&str, &str); 9] = [
    ("+", "starts"),
    ("failed start", "failed starts"),
    ("not ready", "late starts"),
    ("kill ", "kills"),
    ("restart", "restarts"),
    ("group=0", "restarts of one"),
    ("restart_limit", "restart limits"),
    ("auto_shutdown", "ends with a significant child"),
    ("error: supervisor", "nested ones that gave up"),
];

/// The names of the two outcomes of a history. A history with too many orders is not compared to
/// its end.
pub(crate) const TOO_OPEN: &str = "too open";
pub(crate) const COMPARED: &str = "compared";

impl Tally {
    pub(crate) fn add(&mut self, what: &'static str, count: u64) {
        *self.0.entry(what).or_default() += count;
    }

    pub(crate) fn count(&mut self, told: &[Told], result: Option<&Result<(), Failure>>) {
        for fact in told.iter().flat_map(Told::facts) {
            for (word, what) in COUNTED {
                self.add(what, fact.contains(word).into());
            }
        }
        match result {
            None => {}
            Some(Ok(())) => self.add("trees that ended well", 1),
            Some(Err(Failure::Limit { .. })) => self.add("trees that gave up", 1),
            Some(Err(Failure::Start { .. })) => self.add("trees that did not start", 1),
            Some(Err(Failure::Unclean(_))) => self.add("trees that stopped badly", 1),
            Some(Err(Failure::GivenUp { .. })) => self.add("trees that gave a child up", 1),
            Some(Err(Failure::Significant { .. })) => self.add("trees that lost a child", 1),
        }
    }

    /// Checks that few histories are left out, and that everything the model is about has happened
    /// often enough.
    ///
    /// # Panics
    ///
    /// Panics if that is not so.
    pub(crate) fn check(&self, cases: u64) {
        let compared = self.0[COMPARED];
        assert!(
            compared * 10 >= cases * 9,
            "only {compared} were compared to their ends: {self:?}"
        );
        for (what, &count) in &self.0 {
            assert!(*what == TOO_OPEN || count * 200 >= cases, "{what}: only {count} times");
        }
    }
}
