//! The run of a tree until a signal to the process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::child::Declaration;
use crate::error::{SageError, SageResult};
use crate::handle::SupervisorHandle;
use crate::report::{Report, Requester};
use crate::running::RunningSupervisor;
use crate::signal::{OnHangup, Place, REPEAT_WITHIN, end_without_place};

/// The run of a tree until a signal to the process, with its settings.
///
/// [`Supervisor::until_signal`] and [`RunningSupervisor::until_signal`] make it. For a run with the
/// defaults of these settings, the two types also have the methods [`run_until_signal`] and
/// [`run_main`].
///
/// # Examples
///
/// ```no_run
/// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
///
/// async fn web(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// #[tokio::main]
/// async fn main() {
///     Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///         .child("web", web)
///         .until_signal()
///         .on_hangup(async |shop| {
///             // The new instance reads the settings again.
///             let _ = shop.restart_child("web").await;
///         })
///         .run_main()
///         .await
/// }
/// ```
///
/// [`Supervisor::until_signal`]: crate::Supervisor::until_signal
/// [`run_until_signal`]: crate::Supervisor::run_until_signal
/// [`run_main`]: crate::Supervisor::run_main
#[must_use = "a tree is not run until a signal before one of the `run` methods is called"]
pub struct UntilSignal {
    tree: Tree,
    repeat_within: Duration,
    on_hangup: Option<OnHangup>,
}

enum Tree {
    Declared(Arc<Declaration>),
    Running(RunningSupervisor),
}

impl UntilSignal {
    pub(crate) fn declared(declaration: Arc<Declaration>) -> Self {
        Self::new(Tree::Declared(declaration))
    }

    fn new(tree: Tree) -> Self {
        Self { tree, repeat_within: REPEAT_WITHIN, on_hangup: None }
    }

    /// Sets the function that is called when the process receives SIGHUP, in place of the stop of the
    /// tree.
    ///
    /// The function receives the handle of the tree, and may for example restart a child, or
    /// [reload](SupervisorHandle::reload) the whole declaration by what has changed in it. It runs in a task of
    /// the runtime on which the tree is run. A panic ends that call alone. Calls do not
    /// overlap: hangups that arrive during a call lead to one more call after it. The call that is
    /// under way when the run ends is dropped.
    ///
    /// With a function, the process listens to SIGHUP even if it was started by `nohup`. The function is
    /// never called on platforms other than Unix.
    ///
    /// # Examples
    ///
    /// A function that has nothing to wait for:
    ///
    /// ```no_run
    /// # use sage_supervisor::{RestartConfig, Strategy, Supervisor};
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), sage_supervisor::SageError> {
    /// # let shop = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
    /// let reopen_log = Arc::new(AtomicBool::new(false));
    /// shop.until_signal()
    ///     .on_hangup(move |_| {
    ///         reopen_log.store(true, Ordering::Relaxed);
    ///         std::future::ready(())
    ///     })
    ///     .run()
    ///     .await
    /// # }
    /// ```
    pub fn on_hangup<F, Fut>(mut self, function: F) -> Self
    where
        F: Fn(SupervisorHandle) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.on_hangup = Some(Box::new(move |handle| Box::pin(function(handle))));
        self
    }

    /// Sets the time within which a signal counts as a repeat of the signal before it. The default is
    /// 1 second.
    ///
    /// A request may arrive twice: `timeout`, `npm` and some process managers signal the process and
    /// then its group, and a terminal signals the whole group as well. The repeat may be another signal
    /// than the first. The time is measured on the system's clock, from the last signal that was no
    /// repeat. With [`Duration::ZERO`], every signal counts.
    pub fn repeat_within(mut self, time: Duration) -> Self {
        self.repeat_within = time;
        self
    }

    /// Runs the tree, as [`Supervisor::run_until_signal`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`Supervisor::run_until_signal`].
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as with [`Supervisor::run`].
    ///
    /// [`Supervisor::run`]: crate::Supervisor::run
    /// [`Supervisor::run_until_signal`]: crate::Supervisor::run_until_signal
    pub async fn run(self) -> SageResult<()> {
        match self.begin() {
            Ok((running, place)) => {
                let result = running.wait().await;
                place.leave().await;
                result
            }
            Err(unheard) => unheard.report().await.into_result(),
        }
    }

    /// Runs the tree like [`run`](Self::run), and returns the [`Report`] of the end, which names the
    /// signal.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as with [`run`](Self::run).
    pub async fn run_with_report(self) -> Report {
        match self.begin() {
            Ok((running, place)) => {
                let report = running.wait_with_report().await;
                place.leave().await;
                report
            }
            Err(unheard) => unheard.report().await,
        }
    }

    /// Runs the tree, and ends the process, as [`Supervisor::run_main`] does.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future ends the tree, as with [`run`](Self::run), and the process goes on.
    ///
    /// [`Supervisor::run_main`]: crate::Supervisor::run_main
    pub async fn run_main(self) -> ! {
        match self.begin() {
            Ok((running, place)) => {
                let report = running.wait_with_report().await;
                place.end_process(&report)
            }
            Err(unheard) => end_without_place(&unheard.report().await),
        }
    }

    /// Starts the tree, unless it runs already, and lets it receive the signals.
    fn begin(self) -> Result<(RunningSupervisor, Place), Unheard> {
        // The place is taken before the start, so that no signal is lost in between.
        let mut place = match Place::take(self.repeat_within, self.on_hangup) {
            Ok(place) => place,
            Err(error) => return Err(Unheard { tree: self.tree, error: error.into() }),
        };
        let running = match self.tree {
            Tree::Declared(declaration) => RunningSupervisor::start(&declaration),
            Tree::Running(running) => running,
        };
        place.give(running.handle());
        Ok((running, place))
    }
}

/// A tree whose process cannot listen to the signals.
struct Unheard {
    tree: Tree,
    error: SageError,
}

impl Unheard {
    /// Returns the report with the error. A tree that runs is stopped in order before that.
    async fn report(self) -> Report {
        match self.tree {
            Tree::Declared(declaration) => {
                let path = declaration.root_name().to_string();
                Report::of_error(path, self.error, Instant::now())
            }
            Tree::Running(running) => {
                running.handle().request_shutdown(Requester::Owner, None);
                let mut report = running.wait_with_report().await;
                report.set_result(Err(self.error));
                report
            }
        }
    }
}

impl RunningSupervisor {
    /// Returns the run of this tree until a signal, for its settings to be changed.
    ///
    /// Signals are listened to from the first poll of one of the `run` methods on. Dropping the returned
    /// value ends the tree, as dropping the owner does.
    pub fn until_signal(self) -> UntilSignal {
        UntilSignal::new(Tree::Running(self))
    }

    /// Waits until the tree ends by itself, or until the process is asked to end, as
    /// [`Supervisor::run_until_signal`] does with a tree that it starts.
    ///
    /// # Examples
    ///
    /// A handle is needed before the tree is run until a signal:
    ///
    /// ```no_run
    /// use sage_supervisor::{ChildContext, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn listener(ctx: ChildContext) {
    ///     ctx.cancelled().await;
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), sage_supervisor::SageError> {
    ///     let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///         .child("listener", listener)
    ///         .start();
    ///     let handle = app.handle();
    ///     tokio::spawn(async move {
    ///         if handle.started().await.is_ok() {
    ///             println!("the service is up");
    ///         }
    ///     });
    ///     app.run_until_signal().await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`wait`](Self::wait). If the process cannot listen to the signals, the tree is
    /// stopped in order, and the error of the operating system is returned as [`SageError::Other`].
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree, as with [`wait`](Self::wait).
    ///
    /// [`Supervisor::run_until_signal`]: crate::Supervisor::run_until_signal
    pub async fn run_until_signal(self) -> SageResult<()> {
        self.until_signal().run().await
    }

    /// Waits like [`run_until_signal`](Self::run_until_signal), and returns the [`Report`] of the end,
    /// which names the signal.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree, as with [`wait`](Self::wait).
    pub async fn run_until_signal_with_report(self) -> Report {
        self.until_signal().run_with_report().await
    }

    /// Waits like [`run_until_signal`](Self::run_until_signal), and ends the process, as
    /// [`Supervisor::run_main`] does.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with its time driver enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping this future drops the owner, which ends the tree, and the process goes on.
    ///
    /// [`Supervisor::run_main`]: crate::Supervisor::run_main
    pub async fn run_main(self) -> ! {
        self.until_signal().run_main().await
    }
}

impl fmt::Debug for UntilSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntilSignal")
            .field("repeat_within", &self.repeat_within)
            .field("has_hangup_function", &self.on_hangup.is_some())
            .finish_non_exhaustive()
    }
}
