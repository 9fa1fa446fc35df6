//! A log for people: one line with the time for each event of the supervisors.

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

/// Prints a line. An error is ignored, because the shop must not stop when nobody reads its output.
pub(crate) fn print(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints a line with the time since the start.
pub(crate) fn say(line: impl Display) {
    print(format_args!("{:6.2}s  {line}", BEGIN.elapsed().as_secs_f32()));
}

/// Starts to listen to the events of the supervisors.
pub(crate) fn listen() -> watch::Receiver<Tally> {
    let (tally, watcher) = watch::channel(Tally::default());
    let subscriber = Registry::default().with(Narrator { tally });
    tracing::subscriber::set_global_default(subscriber).expect("nobody else has set one");
    // Every panic here is an injected fault in a child. The event of the exit has the message of the
    // panic, so the hook prints the location alone, without the note on backtraces.
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
        let mut fields = Fields::default();
        event.record(&mut fields);
        fields.print();
        self.tally.send_modify(|tally| fields.count(tally));
    }
}

/// The fields of one event, as text.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Fields {
    fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    fn print(&self) {
        let [event, path, exit, reason] =
            ["event", "path", "exit", "reason"].map(|field| self.get(field));
        let [used, allowed] = ["used", "allowed"].map(|field| self.get(field));
        let instance = self.get("instance");
        let counted = match allowed {
            "" => "after a pause".to_owned(), // no restart limit counts it
            allowed => format!("{used} of {allowed} allowed"),
        };
        let detail = match event {
            "start" if matches!(instance, "" | "1") => String::new(),
            "start" => format!("again, number {instance}"),
            "restart" => match self.get("siblings") {
                "0" => format!("alone; {counted}"),
                "1" => format!("with 1 sibling; {counted}"),
                siblings => format!("with {siblings} siblings; {counted}"),
            },
            "stop" => match self.get("timeout") {
                "" => "without a timeout".to_owned(),
                timeout => format!("within {timeout}"),
            },
            "restart_limit" => {
                let (supervisor, within) = (self.get("supervisor"), self.get("within"));
                format!("{supervisor} ends: {used} of {allowed} restarts used within {within}")
            }
            "kill" => reason.to_owned(),
            "shutdown" if reason.is_empty() => self.get("by").to_owned(),
            "shutdown" => format!("{}: {reason}", self.get("by")),
            "signal" => format!("{}: {}", self.get("number"), self.get("message")),
            _ => shortened(exit),
        };
        let event = if event == "restart_limit" { "LIMIT" } else { event };
        say(format!("  {event:<8} {path:<22} {detail}").trim_end());
    }

    fn count(&self, tally: &mut Tally) {
        let path = self.get("path");
        match self.get("event") {
            "start" => tally.started(path),
            "exit" => tally.ended(path, self.get("exit")),
            "restart_limit" => tally.limits_reached.push(self.get("supervisor").to_owned()),
            "kill" => tally.killed += 1,
            _ => {}
        }
    }
}

/// Cuts a text to the length of a line. The exit of a supervisor that reached its restart limit repeats
/// the line before it, so nothing is lost.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(72) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}
