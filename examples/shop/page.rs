//! The page of the shop: the state of each child, and the totals.

use std::fmt::Write;

use crate::narrate::shortened;
use crate::storage::Totals;
use crate::tally::{Child, Tally};

pub(crate) const ENDPOINTS: &str = "\
GET  /                 this page
GET  /orders           the latest orders
POST /orders           an order: curl -d 'my-0001 tea 2' ..
POST /break/worker     the next order makes its worker panic
POST /break/writer     the next transaction makes the writer panic
POST /break/client     the next call to the courier fails
POST /break/partners   the courier is away for three calls
";

pub(crate) fn render(tally: &Tally, totals: Totals) -> String {
    let mut page = String::from("shop\n");
    for child in &tally.children {
        page.push_str(&line(child));
    }
    let euros = totals.cents / 100;
    let cents = totals.cents % 100;
    let _ = writeln!(page, "\n{} orders, {euros}.{cents:02} sold\n\n{ENDPOINTS}", totals.orders);
    page
}

fn line(child: &Child) -> String {
    let depth = child.path.matches('/').count();
    let name = child.path.rsplit('/').next().unwrap_or_default();
    let entry = format!("{:indent$}{name}", "", indent = depth * 2);
    let state = if child.is_up { "up" } else { "down" };
    let restarts = child.restarts();
    let failure = match &child.last_failure {
        Some(exit) => format!(", last failure: {}", shortened(exit)),
        None => String::new(),
    };
    format!("{entry:<14} {state}, restarts: {restarts}{failure}\n")
}
