//! What one instance of a child knows.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::beat::Beat;
use super::id::ChildId;
use super::lineage::Lineage;
use super::stop::StopSignal;
use crate::exit::Exit;

/// What one instance of a child knows about itself, and how it hears that it is to stop.
///
/// Every start of a child gets a context of its own. It is cheap to clone; a clone that outlives
/// the instance keeps nothing running and holds up nobody.
///
/// # Examples
///
/// A worker that finishes what it has in hand before it stops:
///
/// ```
/// use sage_supervisor::ChildContext;
/// # use sage_supervisor::{RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
///
/// async fn worker(ctx: ChildContext) {
///     while !ctx.is_cancelled() {
///         // one piece of work
///         tokio::time::sleep(Duration::from_millis(10)).await;
///     }
/// }
/// #
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// # let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
/// #     .child("worker", worker)
/// #     .start();
/// # tokio::time::sleep(Duration::from_secs(1)).await;
/// # app.shutdown().await
/// # }
/// ```
#[derive(Clone)]
pub struct ChildContext(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    engine: Arc<dyn Uplink>,
    child: ChildId,
    instance: u64,
    /// What most instances do not have.
    more: Option<Box<ContextExtras>>,
    stop: StopSignal,
}

/// What an instance has that is not the first, or that its supervisor listens to.
#[derive(Default)]
pub(crate) struct ContextExtras {
    pub(crate) restarts: u64,
    pub(crate) previous_exit: Option<Exit>,
    /// If its supervisor listens for it.
    pub(crate) beat: Option<Beat>,
}

/// What an instance can say to the engine that runs it. What an instance that has ended says is not
/// heard.
pub(crate) trait Uplink: Send + Sync {
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
    fn lineage(&self) -> &Lineage;
    fn ready(&self, child: ChildId, instance: u64);
    fn decline(&self, child: ChildId, instance: u64);
}

impl ChildContext {
    pub(crate) fn new(
        name: Arc<str>,
        engine: Arc<dyn Uplink>,
        child: ChildId,
        instance: u64,
        more: Option<Box<ContextExtras>>,
    ) -> Self {
        let stop = StopSignal::default();
        Self(Arc::new(Inner { name, engine, child, instance, more, stop }))
    }

    pub(crate) fn engine(&self) -> &Arc<dyn Uplink> {
        &self.0.engine
    }

    pub(super) fn say_ready(&self) {
        self.0.engine.ready(self.0.child, self.0.instance);
    }

    pub(super) fn say_decline(&self) {
        self.0.engine.decline(self.0.child, self.0.instance);
    }

    /// If its supervisor listens for it.
    fn beat(&self) -> Option<&Beat> {
        self.0.more.as_ref()?.beat.as_ref()
    }

    /// How long the instance has been silent, if its supervisor listens for it.
    pub(crate) fn silence(&self) -> Option<Duration> {
        self.beat().map(Beat::silence)
    }

    pub(crate) fn ask_to_stop(&self) {
        self.0.stop.ask();
    }

    /// The child's name, unique among its siblings.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The child's path in the tree, such as `shop/storage/writer`. It begins with the root's
    /// [`name`](crate::Supervisor::name).
    #[must_use]
    pub fn path(&self) -> String {
        self.0.engine.lineage().join(&self.0.name)
    }

    /// How often this child has been restarted, alone or with its group, in the present run of its
    /// supervisor: 0 in its first instance. It never goes down in such a run; a restart of the
    /// whole supervisor begins anew.
    ///
    /// # Examples
    ///
    /// A client that waits longer after each failure:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    ///
    /// async fn client(ctx: ChildContext) -> Result<(), &'static str> {
    ///     tokio::time::sleep(Duration::from_secs(ctx.restarts())).await;
    ///     if ctx.restarts() < 3 { Err("no answer") } else { Ok(()) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let client = ChildSpec::new("client", client).restart(RestartPolicy::Transient);
    /// let began = Instant::now();
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.children([client]).run().await?;
    /// assert_eq!(began.elapsed().as_secs(), 1 + 2 + 3);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.0.more.as_ref().map_or(0, |more| more.restarts)
    }

    /// How the instance before this one ended, in the present run of its supervisor; `None` in the
    /// first.
    ///
    /// # Examples
    ///
    /// An importer that leaves out what it could not digest:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Exit, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn importer(ctx: ChildContext) {
    ///     let Some(Exit::Panic(panic)) = ctx.previous_exit() else {
    ///         panic!("line 7 is damaged");
    ///     };
    ///     assert_eq!(panic.message(), "line 7 is damaged");
    ///     println!("goes on behind it");
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let importer = ChildSpec::new("importer", importer).restart(RestartPolicy::Transient);
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.children([importer]).run().await
    /// # }
    /// ```
    #[must_use]
    pub fn previous_exit(&self) -> Option<&Exit> {
        self.0.more.as_ref()?.previous_exit.as_ref()
    }

    /// Says that this instance is ready: what is declared after it may start.
    ///
    /// It is heard once, and only of a child that [declares] readiness; otherwise it does nothing.
    ///
    /// [declares]: crate::ChildSpec::ready_within
    ///
    /// # Cancel safety
    ///
    /// Once polled, it has been said, even if this future is dropped.
    pub async fn ready(&self) {
        self.say_ready();
        // Lets the engine hear it, also if the child goes on to block this thread.
        tokio::task::yield_now().await;
    }

    /// Declines to run: the child stays down, whatever its policy, without an error, and counts as
    /// started for what is declared after it. (Erlang/OTP's `ignore`.)
    ///
    /// The instance is asked to stop, and should return. It is heard only before
    /// [`ready`](Self::ready), of a child that [declares] readiness; otherwise it does nothing.
    ///
    /// [declares]: crate::ChildSpec::ready_within
    ///
    /// # Cancel safety
    ///
    /// Once polled, it has been said, even if this future is dropped.
    pub async fn decline(&self) {
        self.say_decline();
        tokio::task::yield_now().await;
    }

    /// Says that this instance is alive. It is heard of a child that [declares] a heartbeat; otherwise
    /// it does nothing.
    ///
    /// It costs a look at the clock and takes no lock, so it can stand in an inner loop, and be called
    /// from any thread.
    ///
    /// # Examples
    ///
    /// A worker that hangs in its third piece of work:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Exit, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     if let Some(Exit::HeartbeatMissed(within)) = ctx.previous_exit() {
    ///         return println!("there was none within {within:?}");
    ///     }
    ///     for seconds in [3, 5, 3_600] {
    ///         ctx.heartbeat();
    ///         tokio::time::sleep(Duration::from_secs(seconds)).await;
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let worker = ChildSpec::new("worker", worker)
    ///     .restart(RestartPolicy::Transient)
    ///     .heartbeat(Duration::from_secs(10));
    /// # let began = tokio::time::Instant::now();
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.children([worker]).run().await?;
    /// # assert_eq!(began.elapsed().as_secs(), 3 + 5 + 10);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [declares]: crate::ChildSpec::heartbeat
    pub fn heartbeat(&self) {
        if let Some(beat) = self.beat() {
            beat.beat();
        }
    }

    /// Whether this instance has been asked to stop, or its supervisor has heard of its end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.stop.asked()
    }

    /// Completes when this instance is asked to stop or its supervisor has heard of its end, at
    /// once if that has happened.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::{Instant, interval};
    ///
    /// async fn ticker(ctx: ChildContext) {
    ///     let mut minutes = interval(Duration::from_secs(60));
    ///     loop {
    ///         tokio::select! {
    ///             () = ctx.cancelled() => break,
    ///             _ = minutes.tick() => println!("tick"),
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("ticker", ticker)
    ///     .start();
    /// # tokio::time::sleep(Duration::from_secs(150)).await;
    /// let asked = Instant::now();
    /// app.shutdown().await?;
    /// assert_eq!(asked.elapsed(), Duration::ZERO); // not at the next tick
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. Its future is [`Unpin`]: by reference it can be awaited again and again.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + '_ {
        self.0.stop.wait()
    }

    /// A token that is cancelled when this instance is asked to stop, and when its supervisor has
    /// heard of its end. It is to be handed to code that takes one.
    ///
    /// Every call gives a token of its own. Cancelling it stops neither the child nor what listens
    /// to another one.
    ///
    /// # Examples
    ///
    /// A task that the child spawns is not supervised, so it is told when the child is:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use tokio::sync::mpsc;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let (closed, mut closes) = mpsc::unbounded_channel();
    /// let server = move |ctx: ChildContext| {
    ///     let (stop, closed) = (ctx.token(), closed.clone());
    ///     async move {
    ///         tokio::spawn(async move {
    ///             stop.cancelled().await;
    ///             closed.send("connection 1").unwrap();
    ///         });
    ///         ctx.cancelled().await;
    ///     }
    /// };
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child("server", server)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// app.shutdown().await?;
    /// assert_eq!(closes.recv().await, Some("connection 1"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.0.stop.token()
    }
}

impl fmt::Debug for ChildContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildContext")
            .field("path", &self.path())
            .field("restarts", &self.restarts())
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
