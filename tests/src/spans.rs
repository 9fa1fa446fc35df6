//! A `tracing` subscriber that knows in which span each line was logged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::Recorder;

/// The moments at which a subscriber is called for a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanCall {
    /// The span is created.
    New,
    /// The span is entered.
    Enter,
    /// The span is left.
    Exit,
    /// The span is dropped.
    Close,
}

/// A subscriber that keeps every line with the span that it was logged in, such as `child{path=root/a
/// instance=1}: hello`. A span with a parent begins with that of the parent.
#[derive(Debug, Clone)]
pub struct SpanRecorder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    next: AtomicU64,
    spans: Mutex<HashMap<u64, String>>,
    lines: Mutex<Vec<String>>,
    panics_at: Option<SpanCall>,
    hears_tokio: bool,
}

thread_local! {
    /// The spans that the thread is in, of all subscribers. Their numbers differ.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Numbers that no two subscribers share.
static NEXT: AtomicU64 = AtomicU64::new(1);

#[derive(Default)]
struct Fields {
    message: String,
    others: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            write!(self.others, " {}={value:?}", field.name()).expect("a string takes it");
        }
    }
}

impl Default for SpanRecorder {
    fn default() -> Self {
        Self::new(None, false)
    }
}

impl SpanRecorder {
    /// Creates a subscriber that panics whenever this happens to the span of a child.
    #[must_use]
    pub fn panicking_at(call: SpanCall) -> Self {
        Self::new(Some(call), false)
    }

    /// Creates a subscriber that also hears of the spans that tokio makes for its tasks.
    #[must_use]
    pub fn with_those_of_tokio() -> Self {
        Self::new(None, true)
    }

    fn new(panics_at: Option<SpanCall>, hears_tokio: bool) -> Self {
        // The witnesses of a `Recorder` make `tracing` ask every subscriber about every line.
        let _ = Recorder::default();
        Self(Arc::new(Shared {
            next: AtomicU64::new(0),
            spans: Mutex::default(),
            lines: Mutex::default(),
            panics_at,
            hears_tokio,
        }))
    }

    /// Takes all lines so far.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the number of spans that were created.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.0.next.load(Ordering::Relaxed)
    }

    /// Returns the spans that have not ended, in the order of their text.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        let spans = self.0.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open: Vec<_> = spans.values().cloned().collect();
        open.sort();
        open
    }

    fn span(&self, id: u64) -> Option<String> {
        self.0.spans.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn called(&self, call: SpanCall, span: Option<&str>) {
        let is_of_a_child = span.is_some_and(|span| span.contains("child{"));
        assert!(!is_of_a_child || self.0.panics_at != Some(call), "the subscriber panics");
    }
}

impl Subscriber for SpanRecorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let is_of_a_child = target == "sage_supervisor" && metadata.is_span();
        is_of_a_child
            || target.starts_with("contract")
            || (self.0.hears_tokio && target.starts_with("tokio"))
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let parent = match span.parent() {
            Some(parent) => Some(parent.into_u64()),
            None if span.is_contextual() => ENTERED.with_borrow(|entered| entered.last().copied()),
            None => None,
        };
        let parent = parent.and_then(|parent| self.span(parent));
        let parent = parent.map_or_else(String::new, |parent| format!("{parent}:"));
        let text = format!("{parent}{}{{{}}}", span.metadata().name(), fields.others.trim_start());
        self.called(SpanCall::New, Some(&text));
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        self.0.next.fetch_add(1, Ordering::Relaxed);
        self.0.spans.lock().unwrap_or_else(PoisonError::into_inner).insert(id, text);
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let span = ENTERED.with_borrow(|entered| entered.last().copied());
        let span = span.and_then(|span| self.span(span)).unwrap_or_else(|| "no span".to_owned());
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(format!("{span}: {}", fields.message));
    }

    fn enter(&self, id: &Id) {
        self.called(SpanCall::Enter, self.span(id.into_u64()).as_deref());
        ENTERED.with_borrow_mut(|entered| entered.push(id.into_u64()));
    }

    fn exit(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            assert_eq!(entered.pop(), Some(id.into_u64()), "spans are left in order");
        });
        self.called(SpanCall::Exit, self.span(id.into_u64()).as_deref());
    }

    fn try_close(&self, id: Id) -> bool {
        let span =
            self.0.spans.lock().unwrap_or_else(PoisonError::into_inner).remove(&id.into_u64());
        self.called(SpanCall::Close, span.as_deref());
        true
    }
}
