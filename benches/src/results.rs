//! The outcomes of all runs, and the figures that follow from them.

use std::collections::HashMap;
use std::time::Duration;

use crate::case::{Case, Findings};
use crate::contestants;

/// The outcome of one run.
#[derive(Debug, Clone)]
pub enum Outcome {
    Found(Findings),
    /// The contestant does not take part in the case, for the given reason.
    Refused(String),
    /// The run did not succeed, for the given reason.
    Failed(String),
}

/// The outcomes of all runs.
#[derive(Default)]
pub struct Results {
    outcomes: HashMap<(Case, &'static str), Vec<Outcome>>,
    pub took: Duration,
}

/// The summary of one metric of one case, of one contestant, over all rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    pub median: f64,
    pub min: f64,
    pub max: f64,
    /// The median of the ratios to the floor of the same round.
    pub ratio: Option<f64>,
}

impl Results {
    pub fn add(&mut self, case: Case, contestant: &'static str, outcome: Outcome) {
        self.outcomes.entry((case, contestant)).or_default().push(outcome);
    }

    pub fn get(&self, case: Case, contestant: &'static str) -> &[Outcome] {
        self.outcomes.get(&(case, contestant)).map_or(&[], Vec::as_slice)
    }

    pub fn has_failed(&self, case: Case, contestant: &'static str) -> bool {
        self.get(case, contestant).iter().any(|outcome| matches!(outcome, Outcome::Failed(_)))
    }

    pub fn has_any(&self, case: Case) -> bool {
        self.outcomes.keys().any(|(known, _)| *known == case)
    }

    /// The number of failed runs of the floor or ours. A failure of the others is a result like any
    /// other.
    pub fn failures(&self) -> usize {
        let ours = contestants::ALL.iter().take(contestants::OURS).map(|known| known.name());
        let ours: Vec<_> = ours.collect();
        let of_ours = self.outcomes.iter().filter(|((_, name), _)| ours.contains(name));
        of_ours.flat_map(|(_, all)| all).filter(|it| matches!(it, Outcome::Failed(_))).count()
    }

    /// The values of one metric, round by round.
    pub fn values(&self, case: Case, contestant: &'static str, metric: usize) -> Vec<f64> {
        let found = self.get(case, contestant).iter().filter_map(|outcome| match outcome {
            Outcome::Found(findings) => findings.values.get(metric).copied(),
            Outcome::Refused(_) | Outcome::Failed(_) => None,
        });
        found.collect()
    }

    /// The summary of one metric, if the contestant was measured and has never failed in the case.
    pub fn summary(&self, case: Case, contestant: &'static str, metric: usize) -> Option<Summary> {
        if self.has_failed(case, contestant) {
            return None;
        }
        let values = self.values(case, contestant, metric);
        let floor = contestants::FLOOR;
        // After a failure of the floor its rounds can no longer be paired with those of the contestant.
        let floors =
            if self.has_failed(case, floor) { vec![] } else { self.values(case, floor, metric) };
        let ratios = values.iter().zip(&floors).map(|(value, floor)| value / floor);
        let ratio = median(ratios.filter(|ratio| ratio.is_finite()));
        Some(Summary {
            median: median(values.iter().copied().filter(|value| value.is_finite()))?,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ratio,
        })
    }
}

pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Effort, Flavor};
    use crate::scenarios;

    #[test]
    fn the_ratio_is_the_median_of_the_ratios_of_the_rounds() {
        let scenario = scenarios::find("start").expect("there is one");
        let case = scenario.cases(Effort { short: true })[0];
        assert_eq!(case.flavor, Flavor::Mt);
        let mut results = Results::default();
        for (floor, ours) in [(1.0, 2.0), (10.0, 10.0), (2.0, 1.0)] {
            results.add(case, "floor", Outcome::Found(Findings::of([floor])));
            results.add(case, "by hand", Outcome::Found(Findings::of([ours])));
        }
        let summary = results.summary(case, "by hand", 0).expect("it was measured");
        assert_eq!(summary, Summary { median: 2.0, min: 1.0, max: 10.0, ratio: Some(1.0) });
        assert_eq!(results.failures(), 0);
    }

    #[test]
    fn who_failed_once_has_no_figure() {
        let case = scenarios::find("start").expect("there is one").cases(Effort { short: true })[0];
        let mut results = Results::default();
        results.add(case, "by hand", Outcome::Found(Findings::of([1.0])));
        results.add(case, "by hand", Outcome::Failed("it hangs".to_owned()));
        assert_eq!(results.summary(case, "by hand", 0), None);
        assert_eq!(results.failures(), 1);
    }

    #[test]
    fn there_is_no_ratio_to_a_floor_that_failed() {
        let case = scenarios::find("start").expect("there is one").cases(Effort { short: true })[0];
        let mut results = Results::default();
        for outcome in [Outcome::Found(Findings::of([1.0])), Outcome::Failed("it hangs".to_owned())]
        {
            results.add(case, "floor", outcome);
            results.add(case, "by hand", Outcome::Found(Findings::of([2.0])));
        }
        let summary = results.summary(case, "by hand", 0).expect("it was measured");
        assert_eq!((summary.median, summary.ratio), (2.0, None));
    }
}
