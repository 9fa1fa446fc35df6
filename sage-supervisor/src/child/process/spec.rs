//! The settings of a process child: its driver, the signs of its readiness, and the signal to stop with.

use std::net::SocketAddr;
use std::sync::Arc;

use super::driver::{DriverFuture, DriverStart, Given, ProcessSettings};
use super::io::ProcessIo;
use super::ready::LineTest;
use super::signal::ProcessSignal;
use crate::child::context::ChildContext;
use crate::child::outcome::Outcome;
use crate::child::spec::ChildSpec;
use crate::contain::Contained;

impl ChildSpec {
    /// Gives a [process](Self::command) a *driver*: a future that owns its stdin and stdout, as for a
    /// language server or an MCP server. The two are one child, with one exit and one stop. This needs
    /// the feature `process`.
    ///
    /// `driver` is called at every start, once the process has been spawned, inside the child's own task.
    /// Stdin and stdout are piped, whatever the command says. Stderr goes to `tracing`, as without a
    /// driver, and nothing of stdout does. If a driver does not read stdout, a program that writes much
    /// has to wait. The context is that of the child: it tells when to stop, and the driver may report
    /// readiness and heartbeats by it.
    ///
    /// | what ends first | what follows | exit of the child |
    /// |---|---|---|
    /// | the driver, with an error or a panic | the process is stopped | the failure of the driver |
    /// | the driver, with an error after it has seen that the process reads or writes no more | the process is stopped | the failure of the process if it ends by itself with one, else the error |
    /// | the driver, normally | the process is stopped | that of the process |
    /// | the process, with a failure | the driver is asked to stop, and dropped when its time is over | the failure of the process |
    /// | the process, with success | the driver reads the end of the output; it is asked to stop when half of its time is over, and dropped when all of it is | that of the driver, or [`Exit::Killed`] if it was dropped |
    ///
    /// The time is the shutdown time of the child, and 5 s with [`Shutdown::BrutalKill`], because
    /// these ends are no stops. A failure after the first one is not told.
    ///
    /// # Stop
    ///
    /// A stop takes these steps. Each of the first two may take half of the time that is left:
    ///
    /// 1. The context asks the driver to stop. The driver may say goodbye to the process, and returns.
    /// 2. The driver has returned, or is dropped. Stdin is closed with it, and many programs end then.
    /// 3. The group is sent the [`stop_signal`](Self::stop_signal).
    /// 4. The group is killed at the end of the shutdown time.
    ///
    /// With the default of 5 s, a driver has 2.5 s; if it returns at once, the process has 2.5 s
    /// before the signal and 2.5 s after it. With [`Shutdown::Infinity`], the driver is waited for
    /// without a bound, and the signal follows 5 s after the end of the input. If the driver has moved
    /// stdin elsewhere, that is not closed, and the signal comes in its time. A kill drops the driver and
    /// kills the process at once. The exit is told when the process has been reaped, its group is gone,
    /// and the driver has been dropped.
    ///
    /// # Panics
    ///
    /// A panic of `driver`, or of its future, is a panic exit of the child, and has no other effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, ProcessIo, RestartConfig, RestartPolicy};
    /// use sage_supervisor::{SageError, Strategy, Supervisor};
    /// use std::io;
    /// use std::time::Duration;
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// use tokio::process::Command;
    ///
    /// async fn greet(mut io: ProcessIo, ctx: ChildContext) -> io::Result<()> {
    ///     io.stdin.write_all(b"hello").await?;
    ///     let mut answer = [0; 5];
    ///     io.stdout.read_exact(&mut answer).await?;
    ///     assert_eq!(&answer, b"hello");
    ///     ctx.ready().await;
    ///     Ok(()) // closes the input, which ends `cat`
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), SageError> {
    /// # if cfg!(not(unix)) { return Ok(()); }
    /// let cat = ChildSpec::command("cat", || Command::new("cat"))
    ///     .driver(greet)
    ///     .ready_within(Duration::from_secs(60))
    ///     .restart(RestartPolicy::Transient);
    /// let mut app = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children([cat]);
    /// app.run().await
    /// # }
    /// ```
    ///
    /// [`Exit::Killed`]: crate::Exit::Killed
    /// [`Shutdown::BrutalKill`]: crate::Shutdown::BrutalKill
    /// [`Shutdown::Infinity`]: crate::Shutdown::Infinity
    pub fn driver<F, Fut>(mut self, driver: F) -> Self
    where
        F: Fn(ProcessIo, ChildContext) -> Fut, // the function is called at every start: clone values it gives away
        F: Send + Sync + 'static,
        Fut: Future, // write an `async fn`, or `|io, ctx| async move { .. }`
        Fut: Send, // the future may change threads: drop values that are not `Send` before an `.await`
        Fut: 'static,
        Fut::Output: Outcome,
    {
        let driver = Contained::new(driver);
        let start: DriverStart =
            Arc::new(move |io, context| -> DriverFuture { Box::pin(driver.get()(io, context)) });
        self.of_process().driver = Some(Given::new::<F>(start));
        self
    }

    /// Sets the signal that asks a [process](Self::command) to stop. The default is SIGTERM. A process
    /// that is ended by this signal after it was sent, or that exits with the code of 128 and the number
    /// of the signal, has stopped as asked. This needs the feature `process`.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, ProcessSignal};
    /// use tokio::process::Command;
    ///
    /// let nginx = ChildSpec::command("nginx", || Command::new("nginx"))
    ///     .stop_signal(ProcessSignal::Quit);
    /// assert_eq!(nginx.stop_signal_setting(), ProcessSignal::Quit);
    /// ```
    pub fn stop_signal(mut self, signal: ProcessSignal) -> Self {
        self.of_process().stop_signal = signal;
        self
    }

    /// Declares that a [process](Self::command) is ready when `is_sign` returns `true` for a line of its
    /// output. The child needs [`ready_within`](Self::ready_within) as well, which bounds the wait. This
    /// needs the feature `process`.
    ///
    /// The function sees every line of stdout and stderr until the process is ready, cut after 8 KiB, and
    /// without the line break; of a process with a [`driver`](Self::driver) only those of stderr.
    /// Output that the command [keeps](crate::CommandSpec::keep_output) is not seen. A panic of
    /// the function is the exit of the child, whose process is stopped.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::ChildSpec;
    /// use std::time::Duration;
    /// use tokio::process::Command;
    ///
    /// let broker = ChildSpec::command("broker", || Command::new("broker"))
    ///     .ready_on_line(|line| line.contains("listens on"))
    ///     .ready_within(Duration::from_secs(10));
    /// # drop(broker);
    /// ```
    pub fn ready_on_line(mut self, is_sign: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.of_process().ready_line = Some(line_test(is_sign));
        self
    }

    /// Declares that a [process](Self::command) is ready when a TCP connection to `address` is accepted,
    /// which is tried every 25 ms, and closed at once. The child needs
    /// [`ready_within`](Self::ready_within) as well, which bounds the wait. This needs the feature
    /// `process`.
    ///
    /// Nothing tells who accepts the connection. If another program has the port already, the process
    /// counts as ready, and most likely ends with an error soon. If more than one sign is declared, the
    /// first of them counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::ChildSpec;
    /// use std::time::Duration;
    /// use tokio::process::Command;
    ///
    /// let redis = ChildSpec::command("redis", || Command::new("redis-server"))
    ///     .ready_on_port(([127, 0, 0, 1], 6379))
    ///     .ready_within(Duration::from_secs(10));
    /// # drop(redis);
    /// ```
    pub fn ready_on_port(mut self, address: impl Into<SocketAddr>) -> Self {
        self.of_process().ready_port = Some(address.into());
        self
    }

    /// The signal that asks the process of the child to stop.
    #[must_use]
    pub fn stop_signal_setting(&self) -> ProcessSignal {
        self.process_settings().map(|settings| settings.stop_signal).unwrap_or_default()
    }

    fn of_process(&mut self) -> &mut ProcessSettings {
        self.settings.more().process.get_or_insert_default()
    }
}

/// Makes a test of lines of the user's function.
fn line_test<F>(is_sign: F) -> Given<LineTest>
where
    F: Fn(&str) -> bool + Send + Sync + 'static,
{
    let is_sign = Contained::new(is_sign);
    Given::new::<F>(Arc::new(move |line| is_sign.get()(line)))
}
