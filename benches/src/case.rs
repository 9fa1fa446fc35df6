//! What is measured: one case of one scenario, and what is found.

use std::fmt;

/// The runtime that a case runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// Multi-thread, two workers; what drives the case is a task on one of them.
    Mt,
    /// Current-thread.
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

/// One case of a scenario: what stands in one line of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Case {
    /// The name of the scenario.
    pub scenario: &'static str,
    /// Which form of it.
    pub mode: &'static str,
    /// How many children, without those that fail.
    pub children: u32,
    pub flavor: Flavor,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.scenario, self.mode, self.children, self.flavor)
    }
}

/// One thing that a scenario measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub unit: &'static str,
    /// Whether more is better.
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

/// What one run of one contestant found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// One for each metric of the scenario, in their order.
    pub values: Vec<f64>,
    /// What a reader must know to judge them.
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

/// How long and how often is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub short: bool,
}
