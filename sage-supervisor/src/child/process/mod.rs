//! A child that is a process of the operating system.

mod group;
mod host;
mod output;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::process::Command;
use tokio::sync::watch;

pub(crate) use self::host::start;
use super::spec::{ChildSpec, Kind};
use crate::contain::Contained;

/// What makes the command of every start.
pub(crate) type MakeCommand = Arc<dyn Fn() -> CommandSpec + Send + Sync>;

impl ChildSpec {
    /// A child that is a process of the operating system. Needs the feature `process`.
    ///
    /// `make` is called at every start, inside the child's own task: a panic in it is a panic exit of
    /// the child. It gives a [`Command`], or a [`CommandSpec`] with settings.
    ///
    /// | | |
    /// |---|---|
    /// | the process ends with success | [`Exit::Normal`] |
    /// | it ends with another code, or by a signal | [`Exit::Error`], with a [`ProcessExit`] |
    /// | it cannot be spawned | [`Exit::Error`], with the [`std::io::Error`] |
    /// | asked to stop, it ends with success, by SIGTERM, or with code 128 + 15 | [`Exit::Shutdown`] |
    /// | it was killed | [`Exit::Killed`] |
    ///
    /// # Stop
    ///
    /// The process is the leader of a process group of its own. To stop is to send SIGTERM to the
    /// group, and SIGKILL when the shutdown time is over (5 s by default), or at once with
    /// [`Shutdown::BrutalKill`]. Its exit is told when the process has ended and been reaped, not
    /// before. Whatever the group still has then is sent SIGKILL, with no time of its own: a program that
    /// moves into the background is not for this, and a shell that starts one should `exec` it. Processes that have left the group by themselves (`setsid`) are not seen.
    ///
    /// Dropping the run or the runtime kills the group, also in a panic, and the drop of a runtime waits
    /// for its leader, for a second at most. No destructor runs if this
    /// process ends by [`std::process::exit`], an abort or SIGKILL: the group goes on then.
    ///
    /// On other platforms than Unix there are neither groups nor signals: a stop kills the process,
    /// and what it has started goes on.
    ///
    /// # Input and output
    ///
    /// There is no input. Every line of the output is one [`tracing`] event with the target
    /// `sage_supervisor::process` and the fields `path` and `stream`: stdout at level info, stderr at
    /// level warn. A line is cut after 8 KiB. [`CommandSpec`] can leave them as they are set in the
    /// command.
    ///
    /// [`tracing`]: https://docs.rs/tracing
    ///
    /// # Panics
    ///
    /// On a runtime without its I/O driver the child panics at every start; nothing else does.
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
    /// [`Shutdown::BrutalKill`]: crate::Shutdown::BrutalKill
    pub fn command<F, C>(name: impl Into<String>, make: F) -> Self
    where
        F: Fn() -> C, // called at every start: it cannot give away what it owns
        F: Send + Sync + 'static,
        C: Into<CommandSpec>,
    {
        let make = Contained::new(make);
        Self::of_kind(name.into(), Kind::Process(Arc::new(move || make.get()().into())))
    }
}

/// The command of a [process child](ChildSpec::command), and what becomes of its input and output.
///
/// What a command says of its own stdin, stdout and stderr cannot be seen from outside. So all three
/// are replaced, unless they are kept here.
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
    /// A command that has no input, and whose output goes to `tracing`.
    pub fn new(command: impl Into<Command>) -> Self {
        Self { command: command.into(), keeps_input: false, keeps_output: false }
    }

    /// Leaves stdin as it is set in the command; by default a process inherits ours. One that is
    /// piped is closed: nobody writes to it.
    ///
    /// The process is in the background of a terminal: it cannot read from that.
    pub fn keep_input(mut self) -> Self {
        self.keeps_input = true;
        self
    }

    /// Leaves stdout and stderr as they are set in the command; by default a process inherits ours.
    /// One that is piped goes to `tracing`.
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

/// What is to become of a process. It only gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Run,
    Stop,
    Kill,
}

/// Between an engine and the task that has the process.
pub(crate) struct ProcessLink {
    order: watch::Sender<Order>,
    /// 0 is none.
    pid: AtomicU32,
}

impl ProcessLink {
    fn new() -> Self {
        Self { order: watch::Sender::new(Order::Run), pid: AtomicU32::new(0) }
    }

    pub(crate) fn stop(&self) {
        self.tell(Order::Stop);
    }

    pub(crate) fn kill(&self) {
        self.tell(Order::Kill);
    }

    fn tell(&self, order: Order) {
        self.order.send_if_modified(|present| {
            let is_news = order > *present;
            *present = order.max(*present);
            is_news
        });
    }

    /// The number of the process, from its start to its end.
    pub(crate) fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::Relaxed)).filter(|&pid| pid != 0)
    }

    fn set_pid(&self, pid: Option<u32>) {
        self.pid.store(pid.unwrap_or(0), Ordering::Relaxed);
    }
}
