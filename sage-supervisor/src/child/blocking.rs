//! Children that block: each instance has a thread of its own.
//!
//! Invariants, which are those of an [`Instance`](super::Instance) except for the abort, because no
//! thread can be ended from outside:
//!
//! 1. Every instance reports its exit exactly once: by the [joiner](super::joiner) of its thread, or by
//!    `spawn` if the thread could not be spawned.
//! 2. The exit is reported after the thread has been joined. By then the context and the thread's share
//!    of the start function have been dropped, and the destructors of its thread-locals have run.
//! 3. No panic of the child unwinds out of the thread.
//! 4. A thread that hangs in the destructor of a thread-local has not ended, and holds up no other
//!    thread.

use std::any::TypeId;
use std::fmt;
use std::ops::Deref;
use std::pin::pin;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::context::ChildContext;
use super::instance::{Report, settle};
use super::joiner::JOINERS;
use super::kind::Kind;
use super::outcome::{Outcome, Seal};
use super::spanned::InstanceSpan;
use super::spec::ChildSpec;
use crate::contain::{Contained, contain};
use crate::exit::{Exit, ExitError};

/// The start function of a blocking child, which a new thread calls at every start.
pub(crate) type ThreadStart = Arc<dyn StartThread>;

/// A function that a thread runs.
pub(crate) trait StartThread: Fn(BlockingContext) -> Exit + Send + Sync {
    /// Returns the type of the function.
    fn start_type(&self) -> TypeId;
}

impl<F> StartThread for F
where
    F: Fn(BlockingContext) -> Exit + Send + Sync + 'static,
{
    fn start_type(&self) -> TypeId {
        TypeId::of::<F>()
    }
}

impl ChildSpec {
    /// Creates a child that may block: each instance has an OS thread of its own.
    ///
    /// `start` is called at every start, in a new thread. The value that `start` returns, or its
    /// panic, is the exit of the child. The thread enters the runtime of the supervisor, so
    /// `tokio::spawn` and `Handle::current().block_on(..)` work in it. If the thread cannot be
    /// spawned, the exit is an error with the [`std::io::Error`].
    ///
    /// The child has ended when its thread has been joined, which includes the destructors of
    /// thread-locals. They are therefore gone before the next instance starts and before a shutdown
    /// returns. A destructor that does not end makes the thread unresponsive, as described below; a
    /// panic of one ends the process, as Rust defines it. The joins are made by one or two threads
    /// called `sage-joiner`, which are kept until the process ends.
    ///
    /// A thread cannot be aborted. It has to check [`is_cancelled`](ChildContext::is_cancelled), or
    /// to wait with [`wait_cancelled`](BlockingContext::wait_cancelled), and to return. The default
    /// of its shutdown is 5 s. When that time is over, or at once with [`Shutdown::BrutalKill`],
    /// the thread has the [kill grace] left and is then *unresponsive*: a shutdown goes on without
    /// the thread and names it in [`SageError::Unresponsive`], and nothing is started in its place
    /// as long as it runs.
    ///
    /// In a test whose clock is paused, a thread still lives in real time. Its limits are over only
    /// when their time has passed in reality, and the paused clock stands still meanwhile.
    ///
    /// Use [`blocking_lending`](Self::blocking_lending) for a value that the instances hold in
    /// turn.
    ///
    /// # Panics
    ///
    /// A panic of `start` is a panic exit of the child, and has no other effect.
    ///
    /// # Examples
    ///
    /// A search that checks for the request to stop between two steps:
    ///
    /// ```
    /// use sage_supervisor::{BlockingContext, ChildSpec, RestartConfig, Strategy, Supervisor};
    /// # static STARTED: std::sync::Barrier = std::sync::Barrier::new(2);
    ///
    /// fn is_prime(number: u64) -> bool {
    ///     (2..number).take_while(|d| d * d <= number).all(|d| number % d != 0)
    /// }
    ///
    /// fn search(ctx: BlockingContext) {
    /// #   STARTED.wait();
    ///     let mut found = 0;
    ///     for number in 2.. {
    ///         if ctx.is_cancelled() {
    ///             break;
    ///         }
    ///         found += u64::from(is_prime(number));
    ///     }
    ///     println!("{found} primes");
    /// }
    ///
    /// # #[tokio::main(flavor = "multi_thread", worker_threads = 1)]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([ChildSpec::blocking("search", search)])
    ///     .start();
    /// # STARTED.wait();
    /// app.shutdown().await
    /// # }
    /// ```
    ///
    /// [kill grace]: crate::Supervisor::kill_grace
    /// [`SageError::Unresponsive`]: crate::SageError::Unresponsive
    /// [`Shutdown::BrutalKill`]: crate::Shutdown::BrutalKill
    pub fn blocking<F, O>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(BlockingContext) -> O, // the function is called at every start: clone values it gives away, or use `ChildSpec::blocking_lending`
        F: Send + Sync, // any thread may start the child: use `Arc` in place of `Rc`, `Mutex` in place of `RefCell`
        F: 'static,     // the function outlives its caller: `move` the values it uses
        O: Outcome,
    {
        let start = Contained::new(start);
        let exit = move |ctx| start.get()(ctx).into_exit(Seal);
        Self::of_kind(name.into(), Kind::Thread(Arc::new(exit))).started_by::<F>()
    }
}

/// The context of one instance of a [blocking child](ChildSpec::blocking): a [`ChildContext`] with
/// methods that need no `await`.
#[derive(Clone)]
pub struct BlockingContext(ChildContext);

impl BlockingContext {
    pub(crate) fn new(context: ChildContext) -> Self {
        Self(context)
    }

    /// Waits until this instance is asked to stop, for `timeout` at most. Returns `true` if the
    /// instance has been asked to stop. A timeout that is too long to be added to the present time
    /// never ends.
    ///
    /// The thread sleeps while it waits. The method needs no runtime, and measures the timeout on
    /// the real clock, not on tokio's.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::BlockingContext;
    /// use std::time::Duration;
    ///
    /// fn poller(ctx: BlockingContext) {
    ///     while !ctx.wait_cancelled(Duration::from_secs(60)) {
    ///         println!("looks again");
    ///     }
    /// }
    /// # let _ = poller;
    /// ```
    #[must_use]
    pub fn wait_cancelled(&self, timeout: Duration) -> bool {
        let until = Instant::now().checked_add(timeout);
        let thread_waker = Arc::new(ThreadWaker::default());
        let waker = Waker::from(Arc::clone(&thread_waker));
        let mut cancelled = pin!(self.0.cancelled());
        loop {
            if cancelled.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                return true;
            }
            if !thread_waker.wait(until) {
                // The request may have arrived at the same moment as the end of the time.
                return self.is_cancelled();
            }
        }
    }

    /// Reports that this instance is ready, so that the children declared after it may start.
    ///
    /// Only the first call has an effect, and only in a child that
    /// [declares](ChildSpec::ready_within) readiness. Otherwise the method does nothing.
    pub fn ready(&self) {
        self.0.say_ready();
    }

    /// Declines to run: the child stays down without an error, whatever its restart policy, and
    /// counts as started for the children declared after it.
    ///
    /// The instance is asked to stop, and should return. The method has an effect only before
    /// [`ready`](Self::ready), in a child that [declares](ChildSpec::ready_within) readiness.
    /// Otherwise it does nothing.
    pub fn decline(&self) {
        self.0.say_decline();
    }
}

impl Deref for BlockingContext {
    type Target = ChildContext;

    fn deref(&self) -> &ChildContext {
        &self.0
    }
}

impl fmt::Debug for BlockingContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingContext").field(&self.0).finish()
    }
}

/// A waker that wakes a sleeping thread. It does not use `unpark`, because that could end a `park`
/// of the child's own code.
#[derive(Default)]
struct ThreadWaker {
    is_woken: Mutex<bool>,
    condvar: Condvar,
}

impl ThreadWaker {
    /// Waits until the waker is woken, or was woken since the last call. Returns `false` if the
    /// time is over first.
    fn wait(&self, until: Option<Instant>) -> bool {
        let mut is_woken = self.is_woken.lock().unwrap_or_else(PoisonError::into_inner);
        // The loop covers spurious wake-ups of the condition variable.
        while !*is_woken {
            is_woken = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.condvar.wait(is_woken).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return false,
                Some(left) => {
                    let waited = self.condvar.wait_timeout(is_woken, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *is_woken = false;
        true
    }
}

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        *self.is_woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        // No more than one thread waits here, because each call of `wait_cancelled` makes a waker of
        // its own.
        self.condvar.notify_one();
    }
}

/// Starts one instance in a thread of its own.
pub(crate) fn spawn<R>(
    name: &str,
    start: ThreadStart,
    context: ChildContext,
    span: Option<Box<InstanceSpan>>,
    label: R::Label,
    report: R,
) where
    R: Report + Send + 'static,
    R::Label: Send + 'static,
{
    if let Err(error) = JOINERS.prepare() {
        return report.ended(label, Exit::Error(ExitError::new(error)));
    }
    // The thread receives its values only once it exists: if it cannot be spawned, this function needs
    // `report` itself. One of the values is the handle of the thread.
    let (give, take) = mpsc::channel();
    let runtime = Handle::current();
    let body = move || {
        // The values always arrive: a thread that has been spawned is sent them right after.
        let Ok((thread, start, context, span, report)) = take.recv() else { return };
        let span: Option<Box<InstanceSpan>> = span;
        let entered = runtime.enter();
        let exit = run::<R>(start, context, span.as_deref(), &report);
        drop(entered);
        JOINERS.join(thread, move || report.ended(label, exit));
    };
    // `spawn` panics if the name contains a zero byte, but the name of a child cannot contain
    // control characters.
    match thread::Builder::new().name(name.to_owned()).spawn(body) {
        Ok(thread) => {
            let _ = give.send((thread, start, BlockingContext::new(context), span, report));
        }
        // The engine itself calls this function, and handles the report only after the function has
        // returned. By then `start` and `context` have been dropped (invariant 2).
        Err(error) => report.ended(label, Exit::Error(ExitError::new(error))),
    }
}

/// Runs one instance on the present thread, and returns its exit.
fn run<R: Report>(
    start: ThreadStart,
    context: BlockingContext,
    span: Option<&InstanceSpan>,
    report: &R,
) -> Exit {
    // The supervisor may have been killed while the system was creating the thread.
    if report.is_killed() {
        return settle((start, context), Exit::Killed);
    }
    context.note_runner();
    let call = || start(context);
    let exit = match span {
        None => contain(call),
        Some(span) => span.within(call),
    };
    settle(start, exit.unwrap_or_else(Exit::Panic))
}
