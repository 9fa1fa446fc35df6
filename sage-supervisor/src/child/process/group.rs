//! A process and everything it has started, as far as that stays in its process group.
//!
//! Invariants:
//!
//! 1. The leader ends before its exit is reported: `ended` completes only once the leader has been
//!    reaped and the rest of the group has been sent SIGKILL.
//! 2. The group is killed before its leader is reaped, wherever the end of the leader can be seen
//!    first. The number of the group is that of the leader, and the system may give it to another
//!    process once the leader is reaped and the group is empty.
//! 3. A group that is dropped before its end is killed, and its leader is reaped within
//!    [`REAP_ATTEMPTS`] milliseconds, unless the leader hangs in the kernel.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdout};

use super::CommandSpec;
use crate::process_exit::ProcessExit;

/// The number of times that the destructor looks for the end of a killed leader, a millisecond
/// apart. The end usually takes one or two milliseconds. The bound keeps the destructor from
/// waiting for ever for a process that hangs in the kernel.
const REAP_ATTEMPTS: u32 = 1_000;

/// A process group with its leader. A dropped group is killed.
pub(super) struct Group {
    leader: Child,
    name: os::Name,
    /// Set once the leader has been reaped and the rest of the group has been killed.
    is_over: bool,
}

impl Group {
    pub(super) fn spawn(spec: CommandSpec) -> io::Result<Self> {
        let CommandSpec { mut command, keeps_input, keeps_output } = spec;
        if !keeps_input {
            command.stdin(Stdio::null());
        }
        if !keeps_output {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        #[cfg(unix)]
        // The process leads a group of its own, whose number is that of the process. A Ctrl-C in
        // the terminal reaches the foreground group alone, so the supervisor decides when the
        // process stops.
        command.process_group(0);
        // `signal` panics on a runtime without the I/O driver. It does so here before there is a
        // process: tokio's own `spawn` would first start the process, and then panic and leave it
        // alone.
        #[cfg(unix)]
        drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::child())?);
        // tokio's `kill_on_drop` is not used: it would kill the leader alone. The destructor of
        // `Group` kills the whole group.
        let leader = command.spawn()?;
        // The number is read now, because `Child::id` returns `None` once the leader has been
        // reaped.
        let name = os::Name::of(&leader);
        Ok(Self { leader, name, is_over: false })
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.leader.id()
    }

    /// The output of the leader, where it is piped.
    pub(super) fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.leader.stdout.take(), self.leader.stderr.take())
    }

    /// Asks all processes of the group to end.
    pub(super) fn stop(&mut self) {
        self.name.stop(&mut self.leader);
    }

    /// Kills all processes of the group.
    pub(super) fn kill(&mut self) {
        self.name.kill();
        // The leader is killed by itself as well, because not every platform has groups. The call
        // fails if the leader has ended, which is no error here.
        let _ = self.leader.start_kill();
    }

    /// Waits until the leader has ended, then kills the rest of the group.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let name = self.name;
        // If this future is dropped and `ended` is called again, the group may be killed twice.
        // The second signal does no harm while the leader has not been reaped.
        let mut is_killed = false;
        let status = {
            let mut reaped = pin!(self.leader.wait());
            poll_fn(|cx| {
                // Invariant 2: the group is killed while the leader that has ended still keeps its
                // number. `wait` reaps the leader in the same poll in which it sees the end, so the
                // end has to be looked for first.
                if !is_killed && name.leader_has_ended() {
                    name.kill();
                    is_killed = true;
                }
                reaped.as_mut().poll(cx)
            })
            .await
        };
        if !is_killed {
            // The leader ended between the check and the poll that reaped it. The number still belongs
            // to this group as long as any process is left in it.
            name.kill();
        }
        self.is_over = true;
        status
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        self.kill();
        for _ in 0..REAP_ATTEMPTS {
            match self.leader.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(1)),
                Ok(Some(_)) | Err(_) => break,
            }
        }
    }
}

#[cfg(unix)]
mod os {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
    use tokio::process::Child;

    use super::ProcessExit;

    /// The name of a group: the number of its leader.
    #[derive(Clone, Copy)]
    pub(super) struct Name(Option<Pid>);

    impl Name {
        pub(super) fn of(leader: &Child) -> Self {
            // A `Pid` is never 0, which the system would take for the group of this program itself.
            let pid = leader.id().and_then(|pid| i32::try_from(pid).ok());
            Self(pid.and_then(Pid::from_raw))
        }

        pub(super) fn stop(self, _: &mut Child) {
            self.send(Signal::TERM);
            // A suspended process handles SIGTERM only when it is continued.
            self.send(Signal::CONT);
        }

        pub(super) fn kill(self) {
            self.send(Signal::KILL);
        }

        fn send(self, signal: Signal) {
            if let Some(group) = self.0 {
                // The call fails if the group has no process left. It also fails if all of them run
                // with other rights than this process. Such a process cannot be killed, and is
                // reported as unresponsive.
                let _ = kill_process_group(group, signal);
            }
        }

        /// Returns `true` if the leader has ended and has not been reaped.
        pub(super) fn leader_has_ended(self) -> bool {
            // `NOWAIT` leaves the leader unreaped: its number stays taken, and tokio still receives
            // its status.
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            self.0.is_some_and(|leader| matches!(waitid(WaitId::Pid(leader), look), Ok(Some(_))))
        }
    }

    /// Returns `true` if a process that was asked to stop ended as asked: by SIGTERM itself, or
    /// with the code 128 + 15, which shells and runtimes use after they handled the signal.
    pub(in super::super) fn ended_as_asked(exit: &ProcessExit) -> bool {
        const TERM: i32 = Signal::TERM.as_raw();
        exit.signal() == Some(TERM) || exit.code() == Some(128 + TERM)
    }
}

#[cfg(not(unix))]
mod os {
    use tokio::process::Child;

    use super::ProcessExit;

    /// The name of a group on a platform without process groups.
    #[derive(Clone, Copy)]
    pub(super) struct Name;

    impl Name {
        pub(super) fn of(_: &Child) -> Self {
            Self
        }

        pub(super) fn stop(self, process: &mut Child) {
            // The call fails if the process has ended, which is no error here.
            let _ = process.start_kill();
        }

        pub(super) fn kill(self) {}

        pub(super) fn leader_has_ended(self) -> bool {
            false
        }
    }

    /// Returns `true`, because without signals a stop can only kill the process.
    pub(in super::super) fn ended_as_asked(_: &ProcessExit) -> bool {
        true
    }
}

pub(super) use self::os::ended_as_asked;
