//! The events that are emitted through `tracing`.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Dispatch, span};

/// Records every event of the crate: its level and its fields, in order.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() != "message" {
            write!(self.0, "{}={value:?} ", field.name()).expect("a string takes it");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, "{}={value} ", field.name()).expect("a string takes it");
    }
}

impl tracing::Subscriber for Recorder {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sage_supervisor"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(format!("{} ", event.metadata().level()));
        event.record(&mut fields);
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(fields.0.trim_end().to_owned());
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Default for Recorder {
    fn default() -> Self {
        // With a single subscriber in the process, `tracing` caches the interest in a callsite by
        // the subscriber of the thread that reaches it first. That may be the thread of another
        // test, which has no subscriber. Two more subscribers that never go away make `tracing` ask
        // all of them.
        static WITNESSES: OnceLock<[Dispatch; 2]> = OnceLock::new();
        WITNESSES.get_or_init(|| [(); 2].map(|()| Dispatch::new(Self(Arc::default()))));
        Self(Arc::default())
    }
}

impl Recorder {
    /// Takes all events so far.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes all events so far, and returns the exits among them, such as `a: normal`.
    #[must_use]
    pub fn exits(&self) -> Vec<String> {
        let child = |event: &String| {
            let (_, rest) = event.split_once(" event=exit ")?.1.split_once("child=")?;
            let (child_and_exit, _asked) = rest.rsplit_once(" asked=")?;
            Some(child_and_exit.replacen(" exit=", ": ", 1))
        };
        self.take().iter().filter_map(child).collect()
    }
}
