//! What is seen of a real tree, and what must be so whatever the model says.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::facts::{Told, exit_text};
use crate::plan::Plan;

/// Everything that was told and done so far. Shared with the workers and with `tracing`.
#[derive(Clone)]
pub(crate) struct Seen(Arc<Mutex<Record>>, Arc<Notify>);

/// More than this is not told between two steps, unless a supervisor has gone wild: time never passes
/// then, as it does that only when nothing else is left to do.
const WILD: usize = 100_000;

pub(crate) struct Record {
    plan: Arc<Plan>,
    members: Vec<Member>,
    /// By supervisor, under its number.
    pub(crate) told: Vec<Told>,
    /// How much of it there is.
    facts: usize,
    /// Which of the invariants did not hold.
    pub(crate) broken: Vec<String>,
}

#[derive(Default)]
struct Member {
    life: Life,
    /// Its latest instance has become ready.
    is_ready: bool,
    /// A supervisor that stops its children for good, once that is certain to have reached it, and
    /// the last of them that it has asked.
    closing: bool,
    to_close: bool,
    last_asked: Option<usize>,
    /// Its place among its siblings; `None` when that may have changed.
    place: Option<usize>,
    /// It may be asked to stop out of turn.
    by_hand: bool,
}

/// Of the latest instance. One that is stopped early may never be polled.
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

    /// Completes when a supervisor has gone wild.
    pub(crate) async fn is_wild(&self) {
        self.1.notified().await;
    }

    pub(crate) fn look(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// A future of this worker is polled for the first time.
    pub(crate) fn born(&mut self, unit: usize) {
        self.lives(unit, "is polled", &[Life::Started], Life::Alive);
    }

    /// It is dropped.
    pub(crate) fn dropped(&mut self, unit: usize) {
        self.lives(unit, "is dropped", &[Life::Alive], Life::Dropped);
    }

    /// The workers alive.
    pub(crate) fn alive(&self) -> Vec<usize> {
        let alive = |unit: &usize| self.members[*unit].life == Life::Alive;
        (0..self.members.len()).filter(alive).collect()
    }

    /// Nothing more happens without time or the test: what was asked for has been heard.
    pub(crate) fn settled(&mut self) {
        self.facts = 0;
        for member in &mut self.members {
            member.closing |= member.to_close;
            // A command is heard at once, and what it stops may take its time.
            member.by_hand &= member.to_close && member.life != Life::Ended;
        }
    }

    /// A supervisor shows these children, in this order.
    pub(crate) fn in_order(&mut self, children: impl Iterator<Item = usize>) {
        for (place, unit) in children.enumerate() {
            self.members[unit].place = Some(place);
        }
    }

    /// Something is asked for by hand of this one.
    pub(crate) fn asked_by_hand(&mut self, unit: usize) {
        self.members[unit].by_hand = true;
        self.members[unit].place = None;
    }

    /// The tree is asked to stop.
    pub(crate) fn stopped(&mut self) {
        self.members[0].to_close = true;
    }

    /// When the tree has ended.
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

    /// A stop for good goes from the last to the first, but for those that somebody stops by hand.
    fn goes_down(&mut self, event: &str, path: &str, unit: usize) {
        let parent = self.plan.units[unit].parent;
        let Member { place, by_hand, .. } = self.members[unit];
        if by_hand || self.plan.units[parent].settings.dynamic.is_some() {
            return;
        }
        let above = &mut self.members[parent];
        // All are killed at once in any order.
        let out_of_turn = place.zip(above.last_asked).is_some_and(|(place, last)| last < place);
        if event == "stop" && above.closing && out_of_turn {
            self.broken.push(format!("{path} is stopped after one that started earlier"));
        }
        self.members[parent].last_asked = place;
    }

    /// A supervisor tells of itself or of a child.
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
                // One that is late with its start is stopped for that, whatever else goes on (rule 6).
                let declares = self.plan.units[unit].worker.and_then(|worker| worker.ready_within);
                if declares.is_some() && !self.members[unit].is_ready {
                    return self.told[parent].push(format!("{event} {child}"));
                }
                // Nor does it matter which of them gives no heartbeat.
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
