//! Observations of a real tree, and the invariants that hold whatever the model allows.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::facts::{Told, exit_text};
use crate::plan::Plan;

/// All reports and acts so far, shared with the workers and with `tracing`.
#[derive(Clone)]
pub(crate) struct Seen(Arc<Mutex<Record>>, Arc<Notify>);

/// The number of reports between two steps above which a supervisor counts as wild. Time never
/// passes for such a supervisor, because paused time advances only when no task is ready to run.
const WILD: usize = 100_000;

pub(crate) struct Record {
    plan: Arc<Plan>,
    members: Vec<Member>,
    /// The reports of the supervisors, under their numbers.
    pub(crate) told: Vec<Told>,
    /// The number of reports since the last step.
    facts: usize,
    /// The invariants that were broken.
    pub(crate) broken: Vec<String>,
}

#[derive(Default)]
struct Member {
    life: Life,
    /// `true` if the latest instance has become ready.
    is_ready: bool,
    /// The state of an orderly stop. `to_close` says that a stop for good was requested, `closing`
    /// that the supervisor has certainly received the request, and `last_asked` is the last child
    /// that was asked to stop.
    closing: bool,
    to_close: bool,
    last_asked: Option<usize>,
    /// The place among the siblings, or `None` if it may have changed.
    place: Option<usize>,
    /// `true` if the member may be asked to stop out of turn.
    by_hand: bool,
}

/// The life of the latest instance. An instance that is stopped early may never be polled.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
enum Life {
    #[default]
    Ended,
    Started,
    Alive,
    Dropped,
}

impl Seen {
    pub(crate) fn new(plan: &Arc<Plan>) -> Self {
        let mut members: Vec<_> = plan.units.iter().map(|_| Member::default()).collect();
        for (place, &unit) in plan.units[0].children.iter().enumerate() {
            members[unit].place = Some(place);
        }
        let told = vec![Told::default(); plan.units.len()];
        let record = Record { plan: Arc::clone(plan), members, told, facts: 0, broken: Vec::new() };
        Self(Arc::new(Mutex::new(record)), Arc::default())
    }

    /// Completes when a supervisor is wild.
    pub(crate) async fn is_wild(&self) {
        self.1.notified().await;
    }

    pub(crate) fn look(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Notes the first poll of a future of this worker.
    pub(crate) fn born(&mut self, unit: usize) {
        self.lives(unit, "is polled", &[Life::Started], Life::Alive);
    }

    /// Notes the drop of the future.
    pub(crate) fn dropped(&mut self, unit: usize) {
        self.lives(unit, "is dropped", &[Life::Alive], Life::Dropped);
    }

    /// The living workers.
    pub(crate) fn alive(&self) -> Vec<usize> {
        let alive = |unit: &usize| self.members[*unit].life == Life::Alive;
        (0..self.members.len()).filter(alive).collect()
    }

    /// Notes that nothing more happens until time passes or the test acts, so that all requests
    /// have been received.
    pub(crate) fn settled(&mut self) {
        self.facts = 0;
        for member in &mut self.members {
            member.closing |= member.to_close;
            // A command is received at once, but the child may take its time to stop.
            member.by_hand &= member.to_close && member.life != Life::Ended;
        }
    }

    /// Notes the order of the children that a supervisor shows.
    pub(crate) fn in_order(&mut self, children: impl Iterator<Item = usize>) {
        for (place, unit) in children.enumerate() {
            self.members[unit].place = Some(place);
        }
    }

    /// Notes a command to this member.
    pub(crate) fn asked_by_hand(&mut self, unit: usize) {
        self.members[unit].by_hand = true;
        self.members[unit].place = None;
    }

    /// Notes that the tree is asked to stop.
    pub(crate) fn stopped(&mut self) {
        self.members[0].to_close = true;
    }

    /// Checks the lives of all members when the tree has ended.
    pub(crate) fn finished(&mut self) {
        for unit in 0..self.members.len() {
            let life = self.members[unit].life;
            if life != Life::Ended {
                let path = &self.plan.units[unit].path;
                self.broken.push(format!("{path} is {life:?} after the end: a start without exit"));
            }
        }
    }

    fn lives(&mut self, unit: usize, what: &str, before: &[Life], after: Life) {
        let life = &mut self.members[unit].life;
        if !before.contains(life) {
            let path = &self.plan.units[unit].path;
            self.broken.push(format!("{path} {what} when it is {life:?}"));
        }
        *life = after;
    }

    /// Checks that a stop for good goes from the last child to the first, except for children that
    /// are stopped by hand.
    fn goes_down(&mut self, event: &str, path: &str, unit: usize) {
        let parent = self.plan.units[unit].parent;
        let Member { place, by_hand, .. } = self.members[unit];
        if by_hand
            || self.plan.units[parent].settings.dynamic.is_some()
            || self.plan.units[parent].settings.stops_together
            || self.plan.is_bounded(parent)
        {
            return;
        }
        let above = &mut self.members[parent];
        // Children that are killed together may be killed in any order.
        let out_of_turn = place.zip(above.last_asked).is_some_and(|(place, last)| last < place);
        if event == "stop" && above.closing && out_of_turn {
            self.broken.push(format!("{path} is stopped after one that started earlier"));
        }
        self.members[parent].last_asked = place;
    }

    /// Handles the report of a supervisor about itself or a child.
    fn event(&mut self, fields: &Fields) {
        let Fields { event, path, child, instance, exit, reason, siblings, used, delay, .. } =
            fields;
        let unit = self.plan.find(path);
        let parent = self.plan.units[unit].parent;
        if child.is_empty() {
            match &**event {
                "start" => self.told[0].begins(),
                "exit" | "shutdown" => {}
                _ => self.broken.push(format!("what is {event}?")),
            }
        }
        let is_worker = self.plan.units[unit].worker.is_some();
        match &**event {
            "start" => {
                self.lives(unit, "starts", &[Life::Ended], Life::Started);
                if self.members[parent].closing {
                    self.broken.push(format!("{path} starts after a shutdown began"));
                }
                let Member { place, by_hand, .. } = self.members[unit];
                self.members[unit] =
                    Member { life: Life::Started, place, by_hand, ..Member::default() };
                self.members[parent].last_asked = None;
                if !is_worker {
                    self.told[unit].begins();
                    let plan = Arc::clone(&self.plan);
                    self.in_order(plan.units[unit].children.iter().copied());
                }
            }
            "exit" => {
                let before: &[_] = match is_worker {
                    true => &[Life::Started, Life::Dropped],
                    false => &[Life::Started],
                };
                self.lives(unit, "exits", before, Life::Ended);
            }
            "stop" | "kill" => {
                self.members[unit].to_close = true;
                // Rule 6: a child that is not ready in time is stopped for that, whatever else goes
                // on.
                let declares = self.plan.units[unit].worker.and_then(|worker| worker.ready_within);
                if declares.is_some() && !self.members[unit].is_ready {
                    return self.told[parent].push(format!("{event} {child}"));
                }
                // Children that miss a heartbeat are killed in any order.
                if reason != "the heartbeat was missed" {
                    self.goes_down(event, path, unit);
                }
            }
            "ready" => self.members[unit].is_ready = true,
            "restart_limit" => self.members[parent].to_close = true,
            _ => {}
        }
        let fact = match &**event {
            _ if path == "root" => return,
            "start" => format!("+{child} #{instance}"),
            "exit" => format!("-{child} {exit}"),
            "restart" => format!("restart {child} group={siblings} used={used} after {delay}"),
            event => format!("{event} {child}"),
        };
        self.told[parent].push(fact);
    }
}

#[derive(Default)]
struct Fields {
    event: String,
    path: String,
    child: String,
    instance: String,
    exit: String,
    reason: String,
    siblings: String,
    used: String,
    delay: String,
    ignored: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let into = match field.name() {
            "event" => &mut self.event,
            "path" => &mut self.path,
            "child" => &mut self.child,
            "instance" => &mut self.instance,
            "exit" => &mut self.exit,
            "reason" => &mut self.reason,
            "siblings" => &mut self.siblings,
            "used" => &mut self.used,
            "delay" => &mut self.delay,
            _ => &mut self.ignored,
        };
        into.clear();
        write!(into, "{value:?}").expect("a string takes it");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

impl tracing::Subscriber for Seen {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sage_supervisor"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        fields.exit = exit_text(&fields.exit);
        let mut record = self.look();
        record.event(&fields);
        record.facts += 1;
        if record.facts == WILD {
            self.1.notify_one();
        }
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
