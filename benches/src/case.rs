//! The case of a scenario that a run measures, and the findings of a run.

use std::fmt;

/// The runtime that a case runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// The multi-thread runtime with two workers. The case is driven by a task on one of them.
    Mt,
    /// The current-thread runtime.
    Ct,
}

impl Flavor {
    pub const ALL: [Self; 2] = [Self::Mt, Self::Ct];

    pub fn build(self) -> tokio::runtime::Runtime {
        let mut builder = match self {
            Self::Mt => tokio::runtime::Builder::new_multi_thread(),
            Self::Ct => tokio::runtime::Builder::new_current_thread(),
        };
        builder.worker_threads(2).enable_all().build().expect("a runtime can be built")
    }
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Mt => "mt",
            Self::Ct => "ct",
        })
    }
}

/// A case of a scenario, which has its own columns in the table of its runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Case {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// The name of the form of the scenario.
    pub mode: &'static str,
    /// The number of children, without the failing ones.
    pub children: u32,
    pub flavor: Flavor,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.scenario, self.mode, self.children, self.flavor)
    }
}

/// A quantity that a scenario measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub unit: &'static str,
    /// `true` if a greater value is better.
    pub more_is_better: bool,
}

impl Metric {
    pub const fn less(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit, more_is_better: false }
    }

    pub const fn more(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit, more_is_better: true }
    }
}

/// The findings of one run of one contestant.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The values of the metrics of the scenario, in their order.
    pub values: Vec<f64>,
    /// The remarks that a reader needs in order to judge the values.
    pub remarks: Vec<String>,
}

impl Findings {
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        Self { values: values.into_iter().collect(), remarks: Vec::new() }
    }

    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }
}

/// The extent of a measurement. The short form has fewer rounds, smaller sizes and shorter windows.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub short: bool,
}
