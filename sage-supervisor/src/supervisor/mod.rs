//! The declaration of a supervisor, as its author writes it.

mod reload;
mod run;
#[cfg(feature = "signal")]
mod until_signal;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::backoff::Backoff;
use crate::child::{ChildSpec, Declaration, IntoChild};
use crate::error::SageResult;
use crate::policy::{
    AutoShutdown, FOREVER, Order, RestartConfig, RestartPolicy, Strategy, TemporarySiblings,
    clamp_kill_grace,
};

/// The declaration of a supervisor: its children, their order, and its settings.
///
/// The children start in the order in which they were added, one after the other, and stop in
/// reverse order. A supervisor can itself be a child of another supervisor. The next child then
/// starts when all children of the nested supervisor have started.
///
/// A `Supervisor` is only a plan. [`run`](Self::run) carries it out, any number of times.
/// [`start`](Self::start) consumes it, and runs the tree in a task of its own.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{RestartConfig, RestartPolicy, Strategy, Supervisor};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// let mut supervisor = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
/// supervisor.add_child("greeter", RestartPolicy::Transient, || async {
///     println!("hello");
///     Ok(())
/// });
/// supervisor.run().await
/// # }
/// ```
#[must_use = "a supervisor does nothing until it is run or started"]
pub struct Supervisor {
    declaration: Arc<Declaration>,
}

impl Supervisor {
    /// Creates a supervisor without children.
    ///
    /// # Examples
    ///
    /// A supervisor that stops everything at the first failure:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, SageError, Strategy, Supervisor};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// async fn license(_: ChildContext) -> Result<(), &'static str> {
    ///     Err("it has expired")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let none = RestartConfig { max_restarts: 0, ..RestartConfig::default() };
    /// let mut app = Supervisor::new(Strategy::OneForOne, none)
    ///     .child("listener", listener)
    ///     .child("license", license);
    /// assert!(matches!(app.run().await, Err(SageError::Supervisor(_))));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(strategy: Strategy, config: RestartConfig) -> Self {
        Self { declaration: Arc::new(Declaration::new(strategy, config)) }
    }

    /// The declaration, to be changed. A run that is not over yet keeps the declaration it started
    /// with.
    fn declare(&mut self) -> &mut Declaration {
        Arc::make_mut(&mut self.declaration)
    }

    /// Sets the name of the supervisor. All paths in the tree begin with the name of the root. The
    /// name of a nested supervisor replaces the name under which it is added to its parent. The
    /// default at the root is `root`.
    ///
    /// A name must not be empty, and must contain neither `/`, nor control characters, nor
    /// [other characters that cannot be seen](crate::InvalidTreeKind::InvalidName). A tree with any
    /// other name ends with [`SageError::Invalid`](crate::SageError::Invalid) when it is to start.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::sync::mpsc;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let (tell, told) = mpsc::channel();
    /// let writer = move |ctx: ChildContext| {
    ///     tell.send(ctx.path()).unwrap();
    ///     async move { ctx.cancelled().await }
    /// };
    /// let config = RestartConfig::default();
    /// let storage = Supervisor::new(Strategy::OneForOne, config).child("writer", writer);
    /// let shop = Supervisor::new(Strategy::OneForOne, config).name("shop");
    /// let shop = shop.child("storage", storage).start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// shop.shutdown().await?;
    /// assert_eq!(told.recv().unwrap(), "shop/storage/writer");
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.declare().name = Some(name.into().into());
        self
    }

    /// Sets the path of the function that declares this tree.
    #[cfg(feature = "macros")]
    pub(crate) fn called(mut self, function: &'static str) -> Self {
        self.declare().function = Some(function);
        self
    }

    /// Sets the restart limit, as [`new`](Self::new) does. A limit that is set here also counts the
    /// restarts that a [backoff](Self::backoff) delays, even if the limit equals the default; see
    /// [`RestartConfig`].
    ///
    /// # Examples
    ///
    /// A service that gives up a database which is away for more than half a minute:
    ///
    /// ```
    /// use sage_supervisor::{Backoff, ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::Instant;
    ///
    /// async fn client(_: ChildContext) -> Result<(), &'static str> {
    ///     Err("the database is away")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let config = RestartConfig::default();
    /// let mut app = Supervisor::new(Strategy::OneForOne, config)
    ///     .restart_limit(config)
    ///     .backoff(Backoff::exponential(Duration::from_secs(1)).jitter(0.0))
    ///     .child("client", client);
    /// let began = Instant::now();
    /// assert!(app.run().await.is_err());
    /// assert_eq!(began.elapsed().as_secs(), 1 + 2 + 4 + 8 + 16);
    /// # }
    /// ```
    pub fn restart_limit(mut self, config: RestartConfig) -> Self {
        self.declare().set_limit(Some(config));
        self
    }

    /// Sets how long an instance of a child has to be up for the restarts before it to be forgiven.
    /// The setting applies to each child without a [`forgive_after`](ChildSpec::forgive_after) of its
    /// own. By default no restart is forgiven: it counts until it has left the window.
    ///
    /// Once an instance has been up for that time, the restarts of this child before it count no
    /// more, neither for the limit of the supervisor, nor for a limit of the child's own, and the next
    /// delay of its backoff is the first one again. The restarts of other children are not touched. An
    /// instance is up from its start on, from the moment when it is [ready] if it reports that, and a
    /// nested supervisor once all its children have started. How an instance ends makes no difference: a
    /// normal end of a permanent child leads to a restart like any other. The restart of a group counts
    /// as one of the child that caused it.
    ///
    /// A removed child makes up for nothing any more: its restarts count until they leave the
    /// window. In a window with more than 3,000 restarts, some of them are not forgiven. The time must
    /// be longer than zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::sleep;
    ///
    /// async fn flaky(_: ChildContext) -> Result<(), &'static str> {
    ///     sleep(Duration::from_secs(10)).await;
    ///     Err("again")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let once = RestartConfig { max_restarts: 1, within: Duration::from_secs(60 * 60) };
    /// let app = Supervisor::new(Strategy::OneForOne, once)
    ///     .forgive_after(Duration::from_secs(10))
    ///     .child("flaky", flaky)
    ///     .start();
    /// sleep(Duration::from_secs(60 * 60)).await;
    /// assert!(!app.handle().has_ended());
    /// app.kill().await
    /// # }
    /// ```
    ///
    /// [ready]: crate::ChildContext::ready
    pub fn forgive_after(mut self, time: Duration) -> Self {
        self.declare().forgive_after = Some(time);
        self
    }

    /// Removes the restart limit: any number of restarts is allowed, and no history of them is
    /// kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn uplink(ctx: ChildContext) -> Result<(), &'static str> {
    ///     if ctx.restarts() < 1000 { Err("no carrier") } else { Ok(()) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let uplink = ChildSpec::new("uplink", uplink).restart(RestartPolicy::Transient);
    /// Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .unlimited_restarts()
    ///     .children([uplink])
    ///     .run()
    ///     .await
    /// # }
    /// ```
    pub fn unlimited_restarts(mut self) -> Self {
        self.declare().set_limit(None);
        self
    }

    /// Sets how long the restarts of children without a backoff of their own are delayed: a
    /// [`Backoff`], or a function of the number of restarts in a row. Each child counts its own
    /// restarts. By default restarts are not delayed.
    ///
    /// A delayed restart does not count for a restart limit that nobody has set: such a child is
    /// restarted for as long as what it needs is away. See [`RestartConfig`].
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> Self {
        self.declare().backoff = Some(backoff.into());
        self
    }

    /// Sets whether the supervisor stays up when it has no children, or when all of them have ended
    /// for good. The default is `false`: the supervisor ends with its children.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{RestartConfig, RestartPolicy, Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .keep_alive(true);
    /// app.add_child("greeter", RestartPolicy::Temporary, async || Ok(println!("hello")));
    /// let app = app.start();
    /// tokio::time::sleep(Duration::from_secs(3600)).await;
    /// assert!(!app.handle().has_ended());
    /// app.shutdown().await
    /// # }
    /// ```
    pub fn keep_alive(mut self, keep_alive: bool) -> Self {
        self.declare().keep_alive = keep_alive;
        self
    }

    /// Sets whether the supervisor ends with its significant children. The default is
    /// [`Never`](AutoShutdown::Never).
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.declare().auto_shutdown = auto_shutdown;
        self
    }

    /// Sets what happens to temporary children when their group is restarted. By default they
    /// [start again](TemporarySiblings::Restart) with the group.
    pub fn temporary_siblings(mut self, siblings: TemporarySiblings) -> Self {
        self.declare().temporary_siblings = siblings;
        self
    }

    /// Sets whether a tree that did not stop cleanly ends with `Ok` all the same. The default is `false`:
    /// if a child fails while the tree stops, or is killed because its shutdown timed out, the tree ends
    /// with [`SageError::UncleanStop`](crate::SageError::UncleanStop).
    ///
    /// The report lists these children whatever the setting is. An end that a signal has aborted stays an
    /// error. The setting applies to the root of a tree; in a nested supervisor it has no effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn cache(ctx: ChildContext) -> Result<(), &'static str> {
    ///     ctx.cancelled().await;
    ///     Err("could not be saved")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .tolerate_unclean_stop(true)
    ///     .child("cache", cache)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// let handle = app.handle();
    /// app.shutdown().await?;
    /// assert_eq!(handle.report().expect("it has ended").stop_failures.count, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn tolerate_unclean_stop(mut self, tolerate: bool) -> Self {
        self.declare().tolerate_unclean_stop = tolerate;
        self
    }

    /// Sets how long an aborted task may take to end before it counts as unresponsive. The default
    /// is the kill grace of the parent, and 1 s at the root. Times below 1 ms count as 1 ms, and
    /// times above 365 days as 365 days.
    ///
    /// Children that are killed together share the grace, which counts from the last of them that
    /// has ended. A grace that passes while the process is frozen begins again once.
    ///
    /// # Examples
    ///
    /// An abort takes effect where a task yields, and this task never yields:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// # static GATE: std::sync::Barrier = std::sync::Barrier::new(2);
    /// # fn hash_a_large_file() {
    /// #     GATE.wait();
    /// #     GATE.wait();
    /// # }
    /// #
    /// async fn hasher(_: ChildContext) {
    ///     hash_a_large_file(); // belongs into `spawn_blocking`
    /// }
    ///
    /// # #[tokio::main(flavor = "multi_thread", worker_threads = 2)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .kill_grace(Duration::from_millis(20))
    ///     .child("hasher", hasher)
    ///     .start();
    /// # GATE.wait();
    /// let error = app.kill().await.unwrap_err();
    /// assert_eq!(error.to_string(), "killed and not ended: root/hasher");
    /// # GATE.wait();
    /// # Ok(())
    /// # }
    /// ```
    pub fn kill_grace(mut self, grace: Duration) -> Self {
        self.declare().kill_grace = Some(clamp_kill_grace(grace));
        self
    }

    /// Sets the order in which the children start. By default they start [in order](Order::InOrder), each
    /// when the one before it has started.
    ///
    /// With [`Order::Together`], no child waits for a sibling to become ready, and the supervisor has
    /// started when all its children have. The same holds when a group of them is restarted. A child that
    /// fails to start ends the first start of the supervisor, as in order.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Order, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::{Instant, sleep};
    ///
    /// async fn connection(ctx: ChildContext) {
    ///     sleep(Duration::from_secs(1)).await; // until it is connected
    ///     ctx.ready().await;
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let children = (0..30).map(|number| {
    ///     ChildSpec::new(format!("connection-{number}"), connection)
    ///         .ready_within(Duration::from_secs(5))
    /// });
    /// let began = Instant::now();
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .start_order(Order::Together)
    ///     .children(children)
    ///     .start();
    /// app.started().await?;
    /// assert_eq!(began.elapsed().as_secs(), 1); // and not 30
    /// app.shutdown().await
    /// # }
    /// ```
    pub fn start_order(mut self, order: Order) -> Self {
        self.declare().start_order = order;
        self
    }

    /// Sets the order in which the children stop, at the end of the supervisor and when a group of them is
    /// restarted. By default they stop [in order](Order::InOrder), the last one first, each when the one
    /// after it has stopped.
    ///
    /// With [`Order::Together`], all children are asked at once, and each has its own shutdown time.
    ///
    /// A nested supervisor that is given a time to stop, and whose children in order would need more, does
    /// not leave any of them unasked: before its time is over, it asks all that are left at once. It does
    /// that when they have as much time left as the longest of them may take, and after half of its time at
    /// the latest.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, Order, RestartConfig, Strategy, Supervisor};
    /// use std::time::Duration;
    /// use tokio::time::{Instant, sleep};
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    ///     sleep(Duration::from_secs(2)).await; // finishes what it has in hand
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let pool = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .stop_order(Order::Together)
    ///     .children((0..8).map(|number| ChildSpec::new(format!("worker-{number}"), worker)))
    ///     .start();
    /// pool.started().await?;
    /// # sleep(Duration::from_secs(1)).await;
    /// let began = Instant::now();
    /// pool.shutdown().await?;
    /// assert_eq!(began.elapsed().as_secs(), 2); // and not 16
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop_order(mut self, order: Order) -> Self {
        self.declare().stop_order = order;
        self
    }

    /// Sets whether the instances of the children run in `tracing` spans of their own. By default they
    /// do. A nested supervisor has the setting of its parent unless it sets its own.
    ///
    /// The span of an instance is called `child`, and has the fields `path` and `instance`, so every line
    /// that the child logs says which child it is from. [Spans](crate#spans) tells the rest.
    ///
    /// # Examples
    ///
    /// A server that makes a span for each request may want to keep these apart from each other, in
    /// traces that end with the request:
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn server(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .child_spans(false)
    ///     .child("server", server)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// app.shutdown().await
    /// # }
    /// ```
    pub fn child_spans(mut self, spans: bool) -> Self {
        self.declare().child_spans = Some(spans);
        self
    }

    /// Sets how long a restart waits for an unresponsive task before the supervisor ends with
    /// [`SageError::Unresponsive`](crate::SageError::Unresponsive). The time is counted from the
    /// end of the [kill grace](Self::kill_grace). The default is the timeout of the parent, and 30
    /// s at the root. Times above 365 days count as 365 days.
    ///
    /// # Examples
    ///
    /// The meter fails, and the hasher would have to be restarted with it:
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, RestartConfig, SageError, Strategy, Supervisor};
    /// use std::time::Duration;
    ///
    /// # static GATE: std::sync::Barrier = std::sync::Barrier::new(2);
    /// # fn hash_a_large_file() {
    /// #     GATE.wait();
    /// #     GATE.wait();
    /// # }
    /// #
    /// async fn hasher() {
    ///     hash_a_large_file(); // never yields
    /// }
    ///
    /// async fn meter() -> Result<(), &'static str> {
    /// #     GATE.wait();
    ///     Err("no signal")
    /// }
    ///
    /// # #[tokio::main(flavor = "multi_thread", worker_threads = 3)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let mut app = Supervisor::new(Strategy::OneForAll, RestartConfig::default())
    ///     .kill_grace(Duration::from_millis(20))
    ///     .unresponsive_timeout(Duration::from_millis(20))
    ///     .children([ChildSpec::without_context("hasher", hasher)])
    ///     .children([ChildSpec::without_context("meter", meter)]);
    /// let error = app.run().await.unwrap_err();
    /// assert!(matches!(error, SageError::Unresponsive(_)));
    /// # GATE.wait();
    /// # Ok(())
    /// # }
    /// ```
    pub fn unresponsive_timeout(mut self, time: Duration) -> Self {
        self.declare().unresponsive_timeout = Some(time.min(FOREVER));
        self
    }

    /// Adds a child at the end of the order: an `async fn` that takes a [`ChildContext`], a
    /// [`ChildSpec`], or another supervisor.
    ///
    /// A name must be unique among its siblings, and follows the rules of [`name`](Self::name).
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Shutdown};
    /// use sage_supervisor::{Strategy, Supervisor};
    ///
    /// async fn service(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let config = RestartConfig::default();
    /// let storage = Supervisor::new(Strategy::OneForAll, config)
    ///     .child("writer", service)
    ///     .child("index", service);
    /// let cleaner = ChildSpec::new("cleaner", service).shutdown(Shutdown::BrutalKill);
    ///
    /// let app = Supervisor::new(Strategy::RestForOne, config)
    ///     .child("storage", storage)
    ///     .child("cleaner", cleaner)
    ///     .child("web", service)
    ///     .start();
    /// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// app.shutdown().await
    /// # }
    /// ```
    ///
    /// [`ChildContext`]: crate::ChildContext
    pub fn child<C>(self, name: impl Into<String>, child: C) -> Self
    where
        C: IntoChild, // name an `async fn(ChildContext)`, call a `#[child]` function, wrap a blocking one in `ChildSpec::blocking`
    {
        self.children([child.into_child(name.into())])
    }

    /// Adds children at the end of the order, under the names in their specs. An `Option` is a list too: a
    /// child that is there under a condition is added by `.children(condition.then(|| spec))`, and a
    /// [pool](ChildSpec::instances) adds all its children.
    ///
    /// # Examples
    ///
    /// A child for each shard:
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, RestartConfig, RestartPolicy, Strategy, Supervisor};
    /// use std::sync::mpsc;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let (done, imported) = mpsc::channel();
    /// let shards = (1..=4).map(|shard| {
    ///     let done = done.clone();
    ///     ChildSpec::without_context(format!("shard-{shard}"), move || {
    ///         done.send(shard).unwrap();
    ///         async {}
    ///     })
    ///     .restart(RestartPolicy::Transient)
    /// });
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.children(shards).run().await?;
    /// assert_eq!(imported.try_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn children(mut self, children: impl IntoIterator<Item = ChildSpec>) -> Self {
        self.declare().add(children);
        self
    }

    /// Adds a child that takes no context, at the end of the order.
    ///
    /// Such a child cannot learn that it is to stop, so it is aborted without being asked: its
    /// shutdown is [`Shutdown::BrutalKill`]. `start` is called at every start, inside the child's
    /// own task. `start` need not be [`Sync`].
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{RestartConfig, RestartPolicy, SageError, Strategy, Supervisor};
    /// use std::cell::Cell;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let attempts = Cell::new(0);
    /// let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// app.add_child("connect", RestartPolicy::Transient, move || {
    ///     attempts.set(attempts.get() + 1);
    ///     let attempt = attempts.get();
    ///     async move {
    ///         if attempt < 3 {
    ///             return Err(SageError::other("refused"));
    ///         }
    ///         Ok(println!("connected at attempt {attempt}"))
    ///     }
    /// });
    /// app.run().await
    /// # }
    /// ```
    ///
    /// [`Shutdown::BrutalKill`]: crate::Shutdown::BrutalKill
    pub fn add_child<F, Fut>(&mut self, name: impl Into<String>, policy: RestartPolicy, start: F)
    where
        F: Fn() -> Fut, // the function is called at every start: clone the values it gives away
        F: Send,        // any thread may start the child: use `Arc` in place of `Rc`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        Fut: Future<Output = SageResult<()>>, // for another outcome, or a context, use `Supervisor::child`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
    {
        let spec = ChildSpec::without_context(name, start).restart(policy);
        self.declare().add([spec]);
    }
}

#[cfg(test)]
impl Supervisor {
    pub(crate) fn into_declaration(self) -> Arc<Declaration> {
        self.declaration
    }
}

#[diagnostic::do_not_recommend]
impl IntoChild for Supervisor {
    fn into_child(self, name: String) -> ChildSpec {
        // A name that was set explicitly replaces the name of the entry.
        let name = self.declaration.name.as_deref().map_or(name, str::to_owned);
        ChildSpec::supervisor(name, self.declaration)
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("name", &self.declaration.name)
            .field("strategy", &self.declaration.strategy)
            .field("limit", &self.declaration.limit)
            .field("children", &self.declaration.children)
            .finish_non_exhaustive()
    }
}
