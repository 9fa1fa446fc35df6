//! Controllable children and records of their behaviour, shared by the test suites.

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;

mod blocker;
mod gated;
mod lines;
mod recorder;
mod rude;
mod spans;
pub mod trees;

pub use blocker::Blocker;
pub use gated::Gated;
pub use lines::Lines;
pub use recorder::Recorder;
pub use rude::Rude;
pub use spans::{SpanCall, SpanRecorder};

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, RestartConfig, SageError, SageResult, Strategy, Supervisor,
};
use tokio::sync::{Notify, watch};

/// The record of the children of a test, in order: `+a` when an instance of `a` starts, `-a` when
/// its future is dropped.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Adds an entry.
    pub fn push(&self, entry: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into());
    }

    /// Takes all entries so far, joined by spaces.
    pub fn take(&self) -> String {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *entries).join(" ")
    }
}

/// The reaction of a puppet to a request to stop.
#[derive(Clone, Copy, Debug)]
pub enum OnStop {
    /// The instance returns.
    Obey,
    /// The instance goes on.
    Ignore,
    /// The instance returns after this time.
    After(Duration),
    /// The instance returns an error.
    Fail,
    /// The instance panics.
    Panic,
}

#[derive(Debug)]
enum Order {
    Finish,
    Fail(String),
    Panic(String),
}

/// A child that carries out the orders of the test, and counts its instances.
#[derive(Clone, Debug)]
pub struct Puppet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    log: Log,
    on_stop: OnStop,
    orders: Mutex<VecDeque<Order>>,
    ordered: Notify,
    starts: watch::Sender<usize>,
    live: AtomicUsize,
    peak: AtomicUsize,
}

/// A living instance of a puppet, which counts until it is dropped.
#[derive(Debug)]
pub struct Alive(Puppet);

impl Alive {
    fn new(puppet: &Puppet) -> Self {
        let inner = &puppet.0;
        let live = inner.live.fetch_add(1, Ordering::SeqCst) + 1;
        inner.peak.fetch_max(live, Ordering::SeqCst);
        inner.log.push(format!("+{}", inner.name));
        inner.starts.send_modify(|starts| *starts += 1);
        Self(puppet.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        let inner = &self.0.0;
        inner.live.fetch_sub(1, Ordering::SeqCst);
        inner.log.push(format!("-{}", inner.name));
    }
}

impl Puppet {
    /// A puppet that writes to `log` and returns when it is asked to stop.
    #[must_use]
    pub fn new(name: &str, log: &Log) -> Self {
        Self::with(name, log, OnStop::Obey)
    }

    /// A puppet with another reaction to a request to stop.
    #[must_use]
    pub fn with(name: &str, log: &Log, on_stop: OnStop) -> Self {
        Self(Arc::new(Inner {
            name: name.to_owned(),
            log: log.clone(),
            on_stop,
            orders: Mutex::default(),
            ordered: Notify::new(),
            starts: watch::Sender::new(0),
            live: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
        }))
    }

    /// A spec whose start function takes a context.
    pub fn spec(&self) -> ChildSpec {
        let puppet = self.clone();
        ChildSpec::new(&self.0.name, move |ctx| puppet.clone().act(Some(ctx)))
    }

    /// A spec whose start function takes nothing, so the child cannot hear the request to stop.
    pub fn deaf(&self) -> ChildSpec {
        let puppet = self.clone();
        ChildSpec::without_context(&self.0.name, move || puppet.clone().act(None))
    }

    /// Counts an instance that the test itself runs.
    #[must_use]
    pub fn alive(&self) -> Alive {
        Alive::new(self)
    }

    /// Acts as an instance, under a spec of the test.
    ///
    /// # Errors
    ///
    /// Returns the error that the test has ordered.
    pub async fn act_with(self, ctx: ChildContext) -> Result<(), BoxError> {
        self.act(Some(ctx)).await
    }

    async fn act(self, ctx: Option<ChildContext>) -> Result<(), BoxError> {
        let _alive = Alive::new(&self);
        let stop = async {
            match &ctx {
                Some(ctx) => ctx.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            order = self.next_order() => match order {
                Order::Finish => return Ok(()),
                Order::Fail(message) => return Err(message.into()),
                Order::Panic(message) => panic!("{message}"),
            },
            () = stop => {}
        }
        match self.0.on_stop {
            OnStop::Obey => {}
            OnStop::Ignore => std::future::pending().await,
            OnStop::After(time) => tokio::time::sleep(time).await,
            OnStop::Fail => return Err("failed while stopping".into()),
            OnStop::Panic => panic!("expected: panicked while stopping"),
        }
        Ok(())
    }

    async fn next_order(&self) -> Order {
        loop {
            let order = self.0.orders.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            if let Some(order) = order {
                return order;
            }
            self.0.ordered.notified().await;
        }
    }

    fn order(&self, order: Order) {
        self.0.orders.lock().unwrap_or_else(PoisonError::into_inner).push_back(order);
        self.0.ordered.notify_one();
    }

    /// Orders the instance to return `Ok(())`. If none is alive, the order is for the next one.
    pub fn finish(&self) {
        self.order(Order::Finish);
    }

    /// Orders the instance to return an error.
    pub fn fail(&self, message: &str) {
        self.order(Order::Fail(message.to_owned()));
    }

    /// Orders the instance to panic.
    pub fn panic(&self, message: &str) {
        self.order(Order::Panic(message.to_owned()));
    }

    /// Waits until the puppet has been started this many times in total.
    ///
    /// # Panics
    ///
    /// Panics if that takes five minutes.
    pub async fn started(&self, times: usize) {
        let mut starts = self.0.starts.subscribe();
        let started = starts.wait_for(|starts| *starts >= times);
        // A missing start must fail the test and not hang it.
        let started = tokio::time::timeout(Duration::from_secs(300), started).await;
        started.expect("it is started in time").expect("the sender is in the puppet");
    }

    /// The name of the puppet.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The number of starts of the puppet.
    #[must_use]
    pub fn starts(&self) -> usize {
        *self.0.starts.borrow()
    }

    /// The number of living instances.
    #[must_use]
    pub fn live(&self) -> usize {
        self.0.live.load(Ordering::SeqCst)
    }

    /// The largest number of instances that were ever alive at once.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.0.peak.load(Ordering::SeqCst)
    }
}

/// Lets everything happen that takes no time. This is for paused time only, where the clock
/// advances when no task is ready to run.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// A supervisor with the default limit.
pub fn supervisor(strategy: Strategy) -> Supervisor {
    Supervisor::new(strategy, RestartConfig::default())
}

/// The limit of `max_restarts` within a minute.
#[must_use]
pub fn limit(max_restarts: u32) -> RestartConfig {
    RestartConfig { max_restarts, ..RestartConfig::default() }
}

/// The children that failed while their tree stopped, each with its exit.
///
/// # Panics
///
/// Panics if the tree has another result.
#[must_use]
pub fn unclean(result: SageResult<()>) -> String {
    match result {
        Err(SageError::UncleanStop(unclean)) => {
            let failures: Vec<_> = unclean.failures.first.iter().map(ToString::to_string).collect();
            failures.join("; ")
        }
        other => panic!("it is no unclean stop: {other:?}"),
    }
}

/// Waits until no task but that of the caller is left on this runtime. The runtime's count of
/// living tasks lags a little behind their joins.
pub async fn no_task_is_left() {
    let metrics = tokio::runtime::Handle::current().metrics();
    for _ in 0..10_000 {
        if metrics.num_alive_tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("{} tasks are left", metrics.num_alive_tasks());
}

/// Keeps the messages of expected panics out of the output of a test run.
pub fn quiet_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Children run on the threads of a runtime. A failing assertion on the thread of the
            // test itself is printed.
            let payload = info.payload();
            let text = payload
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
                .unwrap_or_default();
            if !text.starts_with("expected: ") {
                report(info);
            }
        }));
    });
}
