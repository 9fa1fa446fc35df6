//! The lines that the processes of a test have written.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Dispatch, span};

/// Records every line that a process writes: its level, path, stream and text.
#[derive(Clone, Debug)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct Words {
    path: String,
    stream: String,
    text: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        assert_eq!(field.name(), "message");
        self.text = format!("{value:?}");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "path" => value.clone_into(&mut self.path),
            "stream" => value.clone_into(&mut self.stream),
            name => panic!("there is a field `{name}`"),
        }
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sage_supervisor::process"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        let Words { path, stream, text } = words;
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(format!("{} {path} {stream} {text}", event.metadata().level()));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Default for Lines {
    fn default() -> Self {
        // The witnesses are needed for the same reason as those of a `Recorder`.
        static WITNESSES: OnceLock<[Dispatch; 2]> = OnceLock::new();
        WITNESSES.get_or_init(|| [(); 2].map(|()| Dispatch::new(Self(Arc::default()))));
        Self(Arc::default())
    }
}

impl Lines {
    /// Takes all lines so far.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
