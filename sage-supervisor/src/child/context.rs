//! The context that each instance of a child receives.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;

use tokio::task;
use tokio_util::sync::CancellationToken;

use super::Scope;
use super::beat::Beat;
use super::future::Argument;
use super::probe::Probe;
use super::schedule::Schedule;
use super::stop::StopSignal;
use crate::error::FailureScope;
use crate::exit::{Exit, ExitError};
use crate::scope::{Asker, ChildId, FirstWhy, Verdict, Why};

/// The context of one instance of a child: the facts about the instance, its request to stop, and
/// its way to report to the supervisor.
///
/// Every start of a child gets a new context. A context is cheap to clone. A clone that outlives
/// the instance neither keeps anything running nor delays anything.
///
/// # Examples
///
/// A worker that finishes the piece of work in its hands before it stops:
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
    scope: Arc<Scope>,
    child: ChildId,
    /// `true` until an instance that declares readiness has reported it.
    is_unready: AtomicBool,
    instance: u64,
    /// The [number](number_of_caller) of the task or thread of the instance, which is noted before its
    /// start function is called.
    runs_in: AtomicU64,
    /// The parts that most instances do without.
    more: Option<Box<ContextExtras>>,
    /// The reason for the request to stop. It is noted before the request.
    why: FirstWhy,
    stop: StopSignal,
}

/// The mark of the number of a thread that runs no task.
const IS_THREAD: u64 = 1 << 63;

/// Returns the number of the task that is being polled, or of the thread if there is none. The number
/// fits in an atomic variable: an id has no other stable way to tell its number than its hash.
fn number_of_caller() -> u64 {
    match task::try_id() {
        Some(task) => number_of(task),
        None => number_of(thread::current().id()) | IS_THREAD,
    }
}

fn number_of(id: impl Hash) -> u64 {
    #[derive(Default)]
    struct Number(u64);

    impl Hasher for Number {
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
            }
        }

        fn write_u64(&mut self, number: u64) {
            self.0 = number;
        }

        fn finish(&self) -> u64 {
            self.0
        }
    }

    let mut number = Number::default();
    id.hash(&mut number);
    number.finish()
}

/// The parts of a context that only a later instance has, or one that needs a heartbeat.
#[derive(Default)]
pub(crate) struct ContextExtras {
    pub(crate) restarts: u64,
    pub(crate) previous_exit: Option<Exit>,
    /// The number of the child in its pool.
    pub(crate) index: usize,
    /// Present in an instance that shows anything of itself.
    pub(crate) signs: Option<Box<Signs>>,
}

/// The signs of one instance. Most instances have none.
#[derive(Default)]
pub(crate) struct Signs {
    /// The heartbeat, if the child declares one.
    pub(crate) beat: Option<Beat>,
    /// Present in a task with a heartbeat or a readiness.
    pub(crate) probe: Option<Probe>,
    /// The schedule, if the work of the child is periodic. It is boxed because the other signs are more
    /// common.
    pub(crate) schedule: Option<Box<Schedule>>,
}

impl Argument for ChildContext {
    fn note_runner(&self) {
        Self::note_runner(self);
    }
}

impl ChildContext {
    pub(crate) fn new(
        name: Arc<str>,
        scope: Arc<Scope>,
        child: ChildId,
        instance: u64,
        is_unready: bool,
        more: Option<Box<ContextExtras>>,
    ) -> Self {
        let (is_unready, runs_in) = (AtomicBool::new(is_unready), AtomicU64::default());
        let (why, stop) = (FirstWhy::default(), StopSignal::default());
        Self(Arc::new(Inner { name, scope, child, is_unready, instance, runs_in, more, why, stop }))
    }

    /// Returns a reference that ends with the instance.
    pub(crate) fn downgrade(&self) -> WeakContext {
        WeakContext(Arc::downgrade(&self.0))
    }

    /// Notes that the instance is what runs now: the task that is being polled, or the present thread.
    pub(crate) fn note_runner(&self) {
        self.0.runs_in.store(number_of_caller(), Ordering::Relaxed);
    }

    /// Returns whether the caller is polled by the instance itself, and not by a task that the instance
    /// has spawned, or by another thread.
    pub(crate) fn is_polled_here(&self) -> bool {
        self.0.runs_in.load(Ordering::Relaxed) == number_of_caller()
    }

    /// Returns whether the instance declares readiness and has not reported it.
    pub(crate) fn is_unready(&self) -> bool {
        self.0.is_unready.load(Ordering::Acquire)
    }

    /// Returns the child as the giver of a command that is polled now.
    pub(crate) fn asker(&self) -> Asker {
        let (lineage, rungs) = (self.0.scope.lineage().clone(), self.0.scope.rungs(self.0.child));
        let (awaits, is_unready) = (self.is_polled_here(), self.is_unready());
        Asker::new(lineage, self.shared_name(), rungs, awaits, is_unready, self.is_cancelled())
    }

    /// The scope that the instance runs in.
    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.0.scope
    }

    /// Reports to the engine that the instance is ready.
    pub(super) fn say_ready(&self) {
        self.0.is_unready.store(false, Ordering::Release);
        self.0.scope.ready(self.0.child, self.0.instance);
    }

    /// Reports to the engine that the instance declines to run.
    pub(super) fn say_decline(&self) {
        self.0.scope.decline(self.0.child, self.0.instance);
    }

    /// Reports to the engine that the instance ends with an error that no restart can help.
    pub(super) fn end_with(&self, scope: FailureScope, error: ExitError) {
        let (child, instance) = (self.0.child, self.0.instance);
        self.0.scope.judge(Verdict { child, instance, scope, error });
    }

    /// The signs of the instance, if it shows any.
    pub(super) fn signs(&self) -> Option<&Signs> {
        self.0.more.as_ref()?.signs.as_deref()
    }

    /// Notes why the instance is about to be asked to stop.
    #[inline]
    pub(crate) fn note_why(&self, why: Why) {
        self.0.why.note(why);
    }

    /// Returns why the instance was asked to stop.
    pub(super) fn why(&self) -> Option<Why> {
        self.0.why.get()
    }

    /// Asks the instance to stop.
    pub(crate) fn ask_to_stop(&self) {
        self.0.stop.ask();
    }

    /// The name of the child, which is unique among its siblings.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The name, as the scope and the handles of the child share it.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.0.name)
    }

    /// The path of the child in the tree, such as `shop/storage/writer`. The path begins with the
    /// [`name`](crate::Supervisor::name) of the root.
    #[must_use]
    pub fn path(&self) -> String {
        self.0.scope.lineage().join(&self.0.name)
    }

    /// The number of restarts of this child, alone or with its group, in the present run of its
    /// supervisor. The first instance sees 0. The number never decreases within one run; a restart
    /// of the whole supervisor begins at 0 again.
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

    /// The number of this child in its [pool](crate::ChildSpec::instances), from 0 on: the 3 of `worker-3`.
    /// 0 for a child that is not in a pool.
    #[must_use]
    pub fn index(&self) -> usize {
        self.0.more.as_ref().map_or(0, |more| more.index)
    }

    /// The exit of the instance before this one in the present run of the supervisor, or `None` in
    /// the first instance.
    ///
    /// # Examples
    ///
    /// An importer that skips the line that the instance before it could not read:
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
    ///     println!("continues after line 7");
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

    /// Reports that this instance is ready, so that the children declared after it may start.
    ///
    /// Only the first call has an effect, and only in a child that [declares] readiness. Otherwise
    /// the method does nothing.
    ///
    /// [declares]: crate::ChildSpec::ready_within
    ///
    /// # Cancel safety
    ///
    /// The report is made by the first poll, even if this future is dropped afterwards.
    pub async fn ready(&self) {
        self.say_ready();
        // The yield lets the engine handle the report even if the child then blocks this thread.
        task::yield_now().await;
    }

    /// Declines to run: the child stays down without an error, whatever its restart policy, and
    /// counts as started for the children declared after it. (Erlang/OTP calls this `ignore`.)
    ///
    /// The instance is asked to stop, and should return. The method has an effect only before
    /// [`ready`](Self::ready), in a child that [declares] readiness. Otherwise it does nothing.
    ///
    /// [declares]: crate::ChildSpec::ready_within
    ///
    /// # Cancel safety
    ///
    /// The report is made by the first poll, even if this future is dropped afterwards.
    pub async fn decline(&self) {
        self.say_decline();
        // The yield has the same purpose as the one in `ready`.
        task::yield_now().await;
    }

    /// Reports that this instance is alive. The method has an effect only in a child that
    /// [declares] a heartbeat; otherwise it does nothing.
    ///
    /// A heartbeat costs one reading of the clock and takes no lock. It may be called in an inner
    /// loop, and from any thread.
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

    /// Returns `true` if this instance has been asked to stop, or if its supervisor has learned of
    /// its end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.stop.asked()
    }

    /// Completes when this instance is asked to stop, or when its supervisor learns of its end. The
    /// future completes at once if either has happened already.
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
    /// This method is cancel safe. Its future is [`Unpin`], so it can be awaited by reference any
    /// number of times.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + '_ {
        self.0.stop.wait()
    }

    /// The request to stop, as the instance receives it.
    pub(super) fn stop_signal(&self) -> &StopSignal {
        &self.0.stop
    }

    /// Returns a token that is cancelled when this instance is asked to stop, and when its
    /// supervisor learns of its end. The token is meant for code that takes a
    /// [`CancellationToken`].
    ///
    /// Every call returns a new token. Cancelling one stops neither the child nor the code that
    /// uses another token.
    ///
    /// The supervisor itself wakes what waits for a token. A waker that blocks therefore holds up
    /// the supervisor. The panic of a waker keeps others that wait for the same token from being
    /// woken, but harms no other token as long as the instance has taken no more than 16 tokens.
    /// Later tokens are cancelled in 16 groups.
    ///
    /// # Examples
    ///
    /// A task that the child spawns is not supervised. The token stops it together with the child:
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

/// A reference to a context that does not keep its contents: an exit in it may hold a handle, which may
/// hold the context before, and so on.
#[derive(Clone)]
pub(crate) struct WeakContext(Weak<Inner>);

impl WeakContext {
    /// Returns the context, unless its instance has ended and nobody else holds it.
    pub(crate) fn upgrade(&self) -> Option<ChildContext> {
        self.0.upgrade().map(ChildContext)
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
