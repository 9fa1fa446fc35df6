//! Tells a person what happens: each event of the supervisors as one line, with the time.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::io::{self, Write};
use std::sync::LazyLock;
use std::time::Instant;

use tokio::sync::watch;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::tally::Tally;

static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Prints a line. The shop does not stop because nobody reads it.
pub(crate) fn print(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a line with the time since the beginning.
pub(crate) fn say(line: impl Display) {
    print(format_args!("{:6.2}s  {line}", BEGIN.elapsed().as_secs_f32()));
}

/// Listens to the supervisors from now on.
pub(crate) fn listen() -> watch::Receiver<Tally> {
    let (tally, watcher) = watch::channel(Tally::default());
    let subscriber = Registry::default().with(Narrator { tally });
    tracing::subscriber::set_global_default(subscriber).expect("nobody else has set one");
    // Every panic here is a child's, and on purpose: its supervisor deals with it, and tells the
    // message as the reason of the exit. Where it happened is all that is left to say, without the
    // note on backtraces.
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            say(format_args!("  panic    at {}:{}", place.file(), place.line()));
        }
    }));
    watcher
}

/// A `tracing` layer for the events of the supervisors, and nothing else.
struct Narrator {
    tally: watch::Sender<Tally>,
}

impl<S> Layer<S> for Narrator
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "sage_supervisor"
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fact = Fact::default();
        event.record(&mut fact);
        fact.tell();
        self.tally.send_modify(|tally| fact.count(tally));
    }
}

/// The fields of one event, as text.
#[derive(Default)]
struct Fact(BTreeMap<&'static str, String>);

impl Visit for Fact {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Fact {
    fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    fn tell(&self) {
        let [event, path, reason] = ["event", "path", "reason"].map(|field| self.get(field));
        let [restarts, allowed] = ["restarts", "allowed"].map(|field| self.get(field));
        let instance = self.get("instance");
        let detail = match event {
            "start" if matches!(instance, "" | "1") => String::new(),
            "start" => format!("again, number {instance}"),
            "restart" => match self.get("group") {
                "0" => format!("alone; {restarts} of {allowed} allowed"),
                "1" => format!("with 1 sibling; {restarts} of {allowed} allowed"),
                group => format!("with {group} siblings; {restarts} of {allowed} allowed"),
            },
            "stop" => match self.get("timeout") {
                "" => "has all the time it needs".to_owned(),
                timeout => format!("has {timeout}"),
            },
            "restart_limit" => {
                let (child, within) = (self.get("child"), self.get("within"));
                format!("more than {allowed} restarts within {within}, the last of {child}")
            }
            "shutdown" if reason.is_empty() => self.get("by").to_owned(),
            "shutdown" => format!("{}: {reason}", self.get("by")),
            "signal" => format!("{}: {}", self.get("number"), self.get("message")),
            _ => shortened(reason),
        };
        let event = if event == "restart_limit" { "GIVES UP" } else { event };
        say(format!("  {event:<8} {path:<22} {detail}").trim_end());
    }

    fn count(&self, tally: &mut Tally) {
        let path = self.get("path");
        match self.get("event") {
            "start" => tally.started(path),
            "exit" => tally.ended(path, self.get("reason")),
            "restart_limit" => tally.gave_up.push(path.to_owned()),
            "kill" => tally.killed += 1,
            _ => {}
        }
    }
}

/// What fits on a line. The reason of a supervisor that gave up repeats the line before it.
pub(crate) fn shortened(reason: &str) -> String {
    match reason.char_indices().nth(72) {
        Some((end, _)) => format!("{}..", &reason[..end]),
        None => reason.to_owned(),
    }
}
