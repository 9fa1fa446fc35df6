//! The closing summary, and the check that everything went as declared.

use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

use crate::customers::Service;
use crate::narrate::print;
use crate::order::Order;
use crate::storage::Totals;
use crate::store::Stored;
use crate::tally::Tally;
use crate::tree::SHUTDOWN_BUDGET;

/// The exact number of restarts that there must be at or below each path.
const RESTARTS: [(&str, u32); 5] = [
    ("shop/storage/ledger", 1),   // restarted with the writer
    ("shop/storage/writer", 1),   // panicked
    ("shop/partners/courier", 4), // failed once, and three times in a row
    ("shop/workers/", 1),         // panicked
    ("shop", 2 + 4 + 1),          // and nothing else
];

/// The facts that the run is judged by at the end.
pub(crate) struct Report {
    pub(crate) service: Service,
    pub(crate) acknowledged: Vec<Order>,
    /// The orders in the file, read after it was opened again.
    pub(crate) stored: Vec<Stored>,
    pub(crate) totals: Totals,
    pub(crate) tally: Tally,
    pub(crate) stop: Duration,
}

impl Report {
    pub(crate) fn print(&self) {
        let Service { answered, refused, cut } = self.service;
        let (acknowledged, lost, doubled) = (self.acknowledged.len(), self.lost(), self.doubled());
        let stored = acknowledged - lost;
        let others = self.stored.len() - stored;
        print("\nSUMMARY");
        line("requests", format!("{answered} answered"));
        line("", format!("{refused} refused (503) and {cut} cut off: asked again, same id"));
        line("orders", format!("{acknowledged} acknowledged, {stored} of them in the file"));
        line("", format!("{lost} lost, {doubled} stored twice"));
        line("", format!("{others} stored but not acknowledged, as the shop was closing"));
        let mut title = "restarts";
        for child in &self.tally.children {
            line(title, format!("{:>2}  {}", child.restarts(), child.path));
            title = "";
        }
        let names = self.stop_order().into_iter().filter_map(|path| path.rsplit('/').next());
        line("stopped", names.collect::<Vec<_>>().join(", "));
        line("", format!("in {:.2?} of {SHUTDOWN_BUDGET:?}", self.stop));
        let faults = self.faults();
        if faults.is_empty() {
            line("verdict", "every failure was dealt with as declared, no order was lost");
        }
        for fault in faults {
            line("WRONG", fault);
        }
    }

    /// Returns a text for each thing that went wrong.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut must = |good: bool, fault: String| {
            if !good {
                faults.push(fault);
            }
        };
        must(self.service.answered > 0, "no request was answered".to_owned());
        must(self.lost() == 0, format!("{} acknowledged orders were lost", self.lost()));
        must(self.doubled() == 0, format!("{} orders were stored twice", self.doubled()));
        must(self.totals == self.sum(), format!("the ledger said {:?}", self.totals));
        for (path, expected) in RESTARTS {
            let restarts = self.tally.restarts(path);
            must(restarts == expected, format!("{path}: {restarts} restarts, not {expected}"));
        }
        let limits_reached = &self.tally.limits_reached;
        must(
            limits_reached.is_empty(),
            format!("restart limits reached by {}", limits_reached.join(", ")),
        );
        must(self.stop <= SHUTDOWN_BUDGET, "the stop took longer than its budget".to_owned());
        let mut backwards = self.leaves();
        backwards.reverse();
        must(self.stop_order() == backwards, "the stop was not in reverse order".to_owned());
        faults
    }

    /// Counts the acknowledged orders that are not in the file as they were ordered.
    fn lost(&self) -> usize {
        let orders = self.stored.iter().map(|stored| &stored.sale.order);
        let stored: HashMap<&str, &Order> =
            orders.map(|order| (order.id.as_str(), order)).collect();
        let is_stored = |order: &&Order| stored.get(order.id.as_str()) == Some(order);
        self.acknowledged.len() - self.acknowledged.iter().filter(is_stored).count()
    }

    /// Counts the orders that are in the file more than once.
    fn doubled(&self) -> usize {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for stored in &self.stored {
            *times.entry(&stored.sale.order.id).or_default() += 1;
        }
        times.values().filter(|&&times| times > 1).count()
    }

    fn sum(&self) -> Totals {
        let cents = self.stored.iter().map(|stored| stored.sale.cents).sum();
        Totals { orders: self.stored.len() as u64, cents }
    }

    /// The paths of all children that are not supervisors, in start order.
    fn leaves(&self) -> Vec<&str> {
        let paths = || self.tally.children.iter().map(|child| child.path.as_str());
        let below = |above: &str, path: &str| {
            path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
        };
        paths().filter(|above| !paths().any(|path| below(above, path))).collect()
    }

    /// The paths of all children that are not supervisors, in the order in which they ended.
    fn stop_order(&self) -> Vec<&str> {
        let ended = |path: &str| {
            self.tally.children.iter().find(|child| child.path == path).map(|child| child.ended)
        };
        let mut paths = self.leaves();
        paths.sort_by_key(|path| ended(path));
        paths
    }
}

fn line(title: &str, text: impl Display) {
    print(format_args!("  {title:<10} {text}"));
}
