//! Children that are processes of the operating system.

mod alarm;
mod driver;
mod group;
mod host;
mod io;
mod name;
mod output;
mod ready;
mod remains;
mod signal;
mod spec;
mod stage;

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::process::Command;
use tokio::sync::watch;

pub(crate) use self::driver::ProcessSettings;
pub(crate) use self::host::{ProcessStart, start};
pub use self::io::{ProcessIo, ProcessStdin, ProcessStdout};
pub use self::signal::{ParseProcessSignalError, ProcessSignal};
use super::context::ChildContext;
use super::kind::Kind;
use super::spec::ChildSpec;
use crate::contain::Contained;

/// The function that makes the command of every start.
pub(crate) type MakeCommand = Arc<dyn StartProcess>;

/// A function that makes the command of each instance.
pub(crate) trait StartProcess: Fn() -> CommandSpec + Send + Sync {
    /// Returns the type of the function.
    fn start_type(&self) -> TypeId;
}

impl<F> StartProcess for F
where
    F: Fn() -> CommandSpec + Send + Sync + 'static,
{
    fn start_type(&self) -> TypeId {
        TypeId::of::<F>()
    }
}

impl ChildSpec {
    /// Creates a child that is a process of the operating system. This needs the feature `process`.
    ///
    /// `make` is called at every start, inside the child's own task. A panic of `make` is a panic
    /// exit of the child. The function returns a [`Command`], or a [`CommandSpec`] with settings.
    ///
    /// | end of the process | exit of the child |
    /// |---|---|
    /// | the process ends with success | [`Exit::Normal`] |
    /// | the process ends with another code, or by a signal | [`Exit::Error`], with a [`ProcessExit`] |
    /// | the process cannot be spawned | [`Exit::Error`], with the [`std::io::Error`] |
    /// | the process was asked to stop, and ends with success, by the signal it was sent, or with the code of 128 and its number | [`Exit::Shutdown`] |
    /// | the process was killed | [`Exit::Killed`] |
    ///
    /// # Stop
    ///
    /// The process is the leader of a process group of its own. A stop sends SIGTERM to the group,
    /// or another [`stop_signal`](Self::stop_signal), and SIGKILL when the shutdown timeout is over (5 s by
    /// default). [`Shutdown::BrutalKill`]
    /// sends SIGKILL at once. All processes of the group have that time, also if the leader ends
    /// before the others. A process that was being started meanwhile may miss the signal. Linux tells
    /// which ones may have: once the leader has ended, a process whose parent has ended as well, that
    /// was started within a second before the stop and has no handler for the signal, is asked again. On
    /// other systems a process that missed the signal is killed when the time is over.
    ///
    /// The exit is reported when the process has been reaped and no process of its group is left,
    /// not before. If the process ends by itself, every process that is left in the group is sent
    /// SIGKILL at once; one that does not end of that is waited for during 5 s. Therefore a program
    /// that moves itself into the background is not suitable, and a shell that starts a program
    /// should `exec` it. Processes that have left the group by themselves (`setsid`) are not
    /// noticed.
    ///
    /// Dropping the run or the runtime kills the group, even in a panic. The drop of a runtime
    /// waits for the group, for one second at most.
    ///
    /// The group goes on if the supervising process ends while no destructor has run:
    ///
    /// - by [`std::process::exit`], an abort or SIGKILL;
    /// - by a return from `main` right after [`Runtime::shutdown_background`], or after a
    ///   [`Runtime::shutdown_timeout`] that was over first, because the runtime then drops its tasks
    ///   in the background;
    /// - after the runtime has been passed to [`std::mem::forget`].
    ///
    /// A shutdown that has been awaited before leaves nothing behind.
    ///
    /// Platforms other than Unix have neither groups nor signals: a stop kills the process, and the
    /// processes it has started go on.
    ///
    /// In a test whose clock is paused, a process still lives in real time. Its limits are over only
    /// when their time has passed in reality, and the paused clock stands still meanwhile.
    ///
    /// # Input and output
    ///
    /// The process has no input. Every line of its output is one [`tracing`] event with the target
    /// `sage_supervisor::process` and the fields `path` and `stream`: stdout at level info, stderr
    /// at level warn. A line is cut after 8 KiB. A [`CommandSpec`] can keep the input and output
    /// that are set in the command. A program that one talks to over stdin and stdout has a
    /// [`driver`](Self::driver).
    ///
    /// [`tracing`]: https://docs.rs/tracing
    ///
    /// # Readiness
    ///
    /// A process counts as started when it has been spawned. With [`ready_within`](Self::ready_within), it
    /// has started when a line of its output says so ([`ready_on_line`](Self::ready_on_line)), when a port
    /// accepts connections ([`ready_on_port`](Self::ready_on_port)), or when its driver says so.
    ///
    /// # Lost exit status
    ///
    /// The system tells the exit status of a process once. If another part of this program waits for
    /// every process (`waitpid(-1)`), or sets SIGCHLD to be ignored after the first process child
    /// has been started, the status may be lost. The exit is then [`Exit::Error`] with
    /// [`ProcessStatusLost`], which counts as a failure. A SIGCHLD that is ignored when this program
    /// starts does no harm.
    ///
    /// # Panics
    ///
    /// On a runtime without its I/O driver the child panics at every start. The panic is an exit of
    /// the child, and has no other effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, RestartConfig, SageError, Strategy, Supervisor};
    /// use tokio::process::Command;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), SageError> {
    /// # if cfg!(not(unix)) { return Ok(()); }
    /// let proxy = ChildSpec::command("proxy", || {
    ///     let mut command = Command::new("sh");
    ///     command.args(["-c", "echo up; sleep 60"]);
    ///     command
    /// });
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([proxy])
    ///     .start();
    /// # tokio::task::yield_now().await;
    /// app.shutdown().await // ends by SIGTERM, `sleep` too
    /// # }
    /// ```
    ///
    /// [`Exit::Error`]: crate::Exit::Error
    /// [`Exit::Killed`]: crate::Exit::Killed
    /// [`Exit::Normal`]: crate::Exit::Normal
    /// [`Exit::Shutdown`]: crate::Exit::Shutdown
    /// [`ProcessExit`]: crate::ProcessExit
    /// [`ProcessStatusLost`]: crate::ProcessStatusLost
    /// [`Runtime::shutdown_background`]: tokio::runtime::Runtime::shutdown_background
    /// [`Runtime::shutdown_timeout`]: tokio::runtime::Runtime::shutdown_timeout
    /// [`Shutdown::BrutalKill`]: crate::Shutdown::BrutalKill
    pub fn command<F, C>(name: impl Into<String>, make: F) -> Self
    where
        F: Fn() -> C, // the function is called at every start: it cannot give away the values it owns
        F: Send + Sync + 'static,
        C: Into<CommandSpec>,
    {
        let make = Contained::new(make);
        let make = Arc::new(move || make.get()().into());
        Self::of_kind(name.into(), Kind::Process(make)).started_by::<F>()
    }
}

/// The command of a [process child](ChildSpec::command), with the choice of its input and output.
///
/// The settings that a command has for stdin, stdout and stderr cannot be read back. Therefore all
/// three are replaced, unless the methods here keep them.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildSpec, CommandSpec};
/// use tokio::process::Command;
///
/// let spec = ChildSpec::command("top", || CommandSpec::new(Command::new("top")).keep_output());
/// # drop(spec);
/// ```
#[must_use = "a command does nothing until a child is made of it"]
pub struct CommandSpec {
    command: Command,
    keeps_input: bool,
    keeps_output: bool,
}

impl CommandSpec {
    /// Creates a command without input, whose output goes to `tracing`.
    pub fn new(command: impl Into<Command>) -> Self {
        Self { command: command.into(), keeps_input: false, keeps_output: false }
    }

    /// Keeps stdin as it is set in the command. A command that sets none inherits the stdin of this
    /// process. If stdin is piped, the pipe is closed, because nobody writes to it.
    ///
    /// The process belongs to the background of its terminal, and therefore cannot read from the
    /// terminal.
    pub fn keep_input(mut self) -> Self {
        self.keeps_input = true;
        self
    }

    /// Keeps stdout and stderr as they are set in the command. A command that sets none inherits those
    /// of this process. A stream that is piped goes to `tracing`.
    pub fn keep_output(mut self) -> Self {
        self.keeps_output = true;
        self
    }
}

impl From<Command> for CommandSpec {
    fn from(command: Command) -> Self {
        Self::new(command)
    }
}

impl From<std::process::Command> for CommandSpec {
    fn from(command: std::process::Command) -> Self {
        Self::new(command)
    }
}

impl fmt::Debug for CommandSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandSpec")
            .field("command", self.command.as_std())
            .field("keeps_input", &self.keeps_input)
            .field("keeps_output", &self.keeps_output)
            .finish()
    }
}

/// The order that a process is under. An order is only ever replaced by a harsher one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Run,
    Stop,
    Kill,
}

/// The link between the engine and the task that owns the process.
pub(crate) struct ProcessLink {
    // The channel keeps the last order alone. That is enough: a kill replaces a stop that has not
    // been carried out.
    order: watch::Sender<Order>,
    /// The number of the process, or 0 if there is no process.
    pid: AtomicU32,
    /// The context of the driver, or of the watches for readiness.
    context: Option<ChildContext>,
}

impl ProcessLink {
    fn new(context: Option<ChildContext>) -> Self {
        Self { order: watch::Sender::new(Order::Run), pid: AtomicU32::new(0), context }
    }

    /// Asks the process to end.
    pub(crate) fn stop(&self) {
        self.tell(Order::Stop);
        self.release();
    }

    /// Kills the process.
    pub(crate) fn kill(&self) {
        self.tell(Order::Kill);
        self.release();
    }

    /// Cancels the context, if there is one.
    pub(crate) fn release(&self) {
        if let Some(context) = &self.context {
            context.ask_to_stop();
        }
    }

    pub(crate) fn context(&self) -> Option<&ChildContext> {
        self.context.as_ref()
    }

    /// Gives an order, unless the present one is as harsh.
    fn tell(&self, order: Order) {
        self.order.send_if_modified(|present| {
            let is_news = order > *present;
            *present = order.max(*present);
            is_news
        });
    }

    /// The number of the process, from its start to its end.
    pub(crate) fn pid(&self) -> Option<u32> {
        // `Relaxed` is enough, because the number is only shown, and orders no other memory access.
        // No process has the number 0.
        Some(self.pid.load(Ordering::Relaxed)).filter(|&pid| pid != 0)
    }

    fn set_pid(&self, pid: Option<u32>) {
        self.pid.store(pid.unwrap_or(0), Ordering::Relaxed);
    }
}
