//! Subscribers of `tracing` that misbehave.

use tracing::span;

/// The behaviour of a subscriber at an event of the crate.
#[derive(Clone, Copy, Debug)]
pub enum Rude {
    /// The subscriber panics.
    Panics,
    /// The subscriber never returns from the event of a signal.
    HangsAtSignals,
    /// The subscriber panics at every line that a process writes.
    PanicsAtLines,
    /// The subscriber calls this at every event that a log at its default level shows.
    Calls(fn()),
}

impl tracing::Subscriber for Rude {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        match self {
            Self::Calls(_) if *metadata.level() > tracing::Level::INFO => false,
            Self::Panics | Self::HangsAtSignals | Self::Calls(_) => {
                metadata.target() == "sage_supervisor"
            }
            Self::PanicsAtLines => metadata.target() == "sage_supervisor::process",
        }
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let is_signal = event.metadata().fields().field("number").is_some();
        match self {
            Self::Panics | Self::PanicsAtLines => panic!("expected: a rude subscriber"),
            Self::HangsAtSignals if is_signal => loop {
                std::thread::park();
            },
            Self::HangsAtSignals => {}
            Self::Calls(call) => call(),
        }
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
