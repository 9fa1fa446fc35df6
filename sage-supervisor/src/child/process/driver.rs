//! The driver of a process: the future that owns its input and output.

use std::any::TypeId;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use super::io::ProcessIo;
use super::ready::LineTest;
use super::signal::ProcessSignal;
use crate::child::context::ChildContext;
use crate::child::future::ChildFuture;
use crate::child::instance::settle;
use crate::contain::contain;
use crate::exit::Exit;

pub(super) type DriverFuture = Pin<Box<dyn ChildFuture + Send>>;

/// The function that makes the driver of every start.
pub(super) type DriverStart = Arc<dyn Fn(ProcessIo, ChildContext) -> DriverFuture + Send + Sync>;

/// A function of the user's, with its type as it was given.
#[derive(Clone)]
pub(super) struct Given<F> {
    pub(super) function: F,
    of_type: TypeId,
    captures_nothing: bool,
}

impl<F> Given<F> {
    /// Notes the type `G` of the function as it was given.
    pub(super) fn new<G: 'static>(function: F) -> Self {
        Self { function, of_type: TypeId::of::<G>(), captures_nothing: size_of::<G>() == 0 }
    }

    fn are_same(one: Option<&Self>, other: Option<&Self>, has_version: bool) -> bool {
        match (one, other) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.of_type == other.of_type && (one.captures_nothing || has_version)
            }
            _ => false,
        }
    }
}

/// The settings that only a process has.
#[derive(Clone, Default)]
pub(crate) struct ProcessSettings {
    pub(super) driver: Option<Given<DriverStart>>,
    pub(super) ready_line: Option<Given<LineTest>>,
    pub(super) ready_port: Option<SocketAddr>,
    pub(super) stop_signal: ProcessSignal,
}

impl ProcessSettings {
    /// Returns whether the settings are known to be the same. If the child `has_version`, the same in both,
    /// functions of one type capture the same values.
    pub(crate) fn is_same(&self, other: &Self, has_version: bool) -> bool {
        Given::are_same(self.driver.as_ref(), other.driver.as_ref(), has_version)
            && Given::are_same(self.ready_line.as_ref(), other.ready_line.as_ref(), has_version)
            && self.ready_port == other.ready_port
            && self.stop_signal == other.stop_signal
    }

    pub(crate) fn has_driver(&self) -> bool {
        self.driver.is_some()
    }

    /// Returns whether a sign of the process says that it is ready.
    pub(crate) fn shows_readiness(&self) -> bool {
        self.ready_line.is_some() || self.ready_port.is_some()
    }

    /// Returns whether an instance needs a context.
    pub(crate) fn needs_context(&self) -> bool {
        self.has_driver() || self.shows_readiness()
    }
}

impl fmt::Debug for ProcessSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessSettings")
            .field("stop_signal", &self.stop_signal)
            .finish_non_exhaustive()
    }
}

/// The driver of one instance, until its end. A process without one has an empty driver.
#[derive(Default)]
pub(super) struct Driver {
    future: Option<DriverFuture>,
    /// The panic of the function that should have made the future.
    not_made: Option<Exit>,
    saw_end: Arc<AtomicBool>,
}

impl Driver {
    pub(super) fn begin(
        start: &DriverStart,
        (io, saw_end): (ProcessIo, Arc<AtomicBool>),
        context: ChildContext,
    ) -> Self {
        match contain(|| start(io, context)) {
            Ok(future) => Self { future: Some(future), not_made: None, saw_end },
            Err(panic) => Self { future: None, not_made: Some(Exit::Panic(panic)), saw_end },
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.future.is_some() || self.not_made.is_some()
    }

    /// Returns whether the driver has seen that the process reads or writes no more.
    pub(super) fn saw_end(&self) -> bool {
        self.saw_end.load(Ordering::Acquire)
    }

    /// Polls the driver, and drops it when it has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Exit> {
        if let Some(exit) = self.not_made.take() {
            return Poll::Ready(exit);
        }
        let Some(future) = &mut self.future else { return Poll::Pending };
        let exit = match contain(|| future.as_mut().poll_exit(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(exit)) => exit,
            Err(panic) => Exit::Panic(panic),
        };
        Poll::Ready(settle(self.future.take(), exit))
    }

    /// Drops the driver. Returns the panic of a destructor.
    pub(super) fn end(&mut self) -> Option<Exit> {
        let future = self.future.take();
        self.not_made.take().or_else(|| Some(settle(future, Exit::Normal)).filter(Exit::is_failure))
    }
}
