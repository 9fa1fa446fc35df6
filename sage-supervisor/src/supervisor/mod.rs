//! The supervisor as its author sees it: declared, ordered, run.

mod run;
#[cfg(feature = "signal")]
mod until_signal;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::auto_shutdown::{AutoShutdown, TemporarySiblings};
use crate::backoff::Backoff;
use crate::child::{ChildSpec, Declaration, IntoChild};
use crate::error::SageResult;
use crate::restart::{RestartConfig, RestartPolicy};
use crate::shutdown::FOREVER;
use crate::strategy::Strategy;

/// A supervisor, declared: what it starts, in which order, and how it treats it.
///
/// Children start in the order they were added, one after the other, and stop in reverse. A
/// supervisor can itself be a child of another: the next child starts when all of its own have.
///
/// It is a plan. [`run`](Self::run) carries it out, as often as you like; [`start`](Self::start)
/// gives it away to a task of its own.
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
    /// A supervisor without children.
    ///
    /// # Examples
    ///
    /// One that takes the first failure for the last, and stops everything then:
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

    /// Its declaration, to be changed. A run that is not over yet keeps the one it has.
    fn declare(&mut self) -> &mut Declaration {
        Arc::make_mut(&mut self.declaration)
    }

    /// Sets its name: what all paths in the tree begin with, or, if it is a child, its name among
    /// its siblings instead of the one it is added under. The default at the root is `root`.
    ///
    /// A name is not empty and contains neither `/` nor control characters. Any other is
    /// [`SageError::Invalid`](crate::SageError::Invalid) when the tree is to start.
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

    /// Sets the function that it comes from.
    #[cfg(feature = "macros")]
    pub(crate) fn called(mut self, function: &'static str) -> Self {
        self.declare().function = Some(function);
        self
    }

    /// Lifts the limit on restarts: there is never one too many, and no history is kept of them.
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
        self.declare().limit = None;
        self
    }

    /// Sets how long restarts wait, of all children that say nothing else: a [`Backoff`], or a function
    /// of how many failures there were in a row. Each child counts its own. By default they do not
    /// wait.
    pub fn backoff(mut self, backoff: impl Into<Backoff>) -> Self {
        self.declare().backoff = Some(backoff.into());
        self
    }

    /// Sets whether it stays up when all its children have ended for good, or when it has none. The
    /// default is `false`: it ends with them.
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

    /// Sets whether it ends when its significant children have. The default is
    /// [`Never`](AutoShutdown::Never).
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.declare().auto_shutdown = auto_shutdown;
        self
    }

    /// Sets what becomes of temporary children when their group is restarted. By default they
    /// [start again](TemporarySiblings::Restart) with it.
    pub fn temporary_siblings(mut self, siblings: TemporarySiblings) -> Self {
        self.declare().temporary_siblings = siblings;
        self
    }

    /// Sets how long an aborted task may take to end before it is called unresponsive. The default
    /// is the parent's, at the root 1 s. It is at least a millisecond and at most 365 days.
    ///
    /// # Examples
    ///
    /// An abort takes effect where a task yields, and this one never does:
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
    ///     hash_a_large_file(); // should have been left to `spawn_blocking`
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
    /// assert_eq!(error.to_string(), "aborted and not ended: root/hasher");
    /// # GATE.wait();
    /// # Ok(())
    /// # }
    /// ```
    pub fn kill_grace(mut self, grace: Duration) -> Self {
        self.declare().kill_grace = Some(grace.clamp(Duration::from_millis(1), FOREVER));
        self
    }

    /// Sets how long a restart waits for an unresponsive task before the supervisor ends with
    /// [`SageError::Unresponsive`](crate::SageError::Unresponsive), counted from the end of the [kill grace](Self::kill_grace). The
    /// default is the parent's, at the root 30 s. It is at most 365 days.
    ///
    /// # Examples
    ///
    /// The meter fails, and the hasher would have to be restarted along with it:
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

    /// Adds a child, last in order: an `async fn` that takes a [`ChildContext`], a [`ChildSpec`],
    /// or another supervisor.
    ///
    /// Names are unique among siblings; for the rest the rules of [`name`](Self::name) hold.
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
        C: IntoChild, // an `async fn(ChildContext)` by its name, a `#[child]` function by a call, a blocking one by `ChildSpec::blocking`
    {
        self.children([child.into_child(name.into())])
    }

    /// Adds children, last in order, under the names they have.
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
        self.declare().children.extend(children.into_iter().map(Arc::new));
        self
    }

    /// Adds a child that takes no context, last in order.
    ///
    /// It cannot hear that it is to stop, so it is aborted without being asked: its shutdown is
    /// [`Shutdown::BrutalKill`]. `start` is called at every start, inside the child's own task. It
    /// need not be [`Sync`].
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
        F: Fn() -> Fut, // called at every start: clone what it gives away
        F: Send,        // any thread may start it: `Arc` in place of `Rc`
        F: 'static,     // outlives its caller: `move` what it uses
        Fut: Future<Output = SageResult<()>>, // other outcomes, and a context: `Supervisor::child`
        Fut: Send,      // may change threads: drop what is not `Send` before an `.await`
        Fut: 'static,
    {
        let spec = ChildSpec::without_context(name, start).restart(policy);
        self.declare().children.push(Arc::new(spec));
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
