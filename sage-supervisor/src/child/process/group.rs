//! A process and all that it has started, as far as that stays in its group.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdout};

use super::CommandSpec;
use crate::process_exit::ProcessExit;

/// How often a destructor looks whether what it has killed is gone, a millisecond apart. That takes
/// one or two; no destructor waits for ever for one that hangs in the kernel.
const LOOKS: u32 = 1_000;

/// A process group with its leader. Dropped, it is killed.
pub(super) struct Group {
    leader: Child,
    name: os::Name,
    /// Whether the leader has been reaped, and the others killed.
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
        command.process_group(0);
        // Without the driver for it this panics, and it does so before there is a program: tokio's own
        // spawn would begin one, and then leave it alone.
        #[cfg(unix)]
        drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::child())?);
        let leader = command.spawn()?;
        let name = os::Name::of(&leader);
        Ok(Self { leader, name, is_over: false })
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.leader.id()
    }

    /// Where it writes to, if that is piped.
    pub(super) fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.leader.stdout.take(), self.leader.stderr.take())
    }

    /// Asks all of it to end.
    pub(super) fn stop(&mut self) {
        self.name.stop(&mut self.leader);
    }

    /// Kills all of it.
    pub(super) fn kill(&mut self) {
        self.name.kill();
        // On its own, in case there are no groups. One that has ended is no fault.
        let _ = self.leader.start_kill();
    }

    /// Waits until the leader has ended, and kills the rest.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let name = self.name;
        let mut is_killed = false;
        let status = {
            let mut reaped = pin!(self.leader.wait());
            poll_fn(|cx| {
                // Once the leader is reaped, the name of the group could become that of another.
                if !is_killed && name.leader_has_ended() {
                    name.kill();
                    is_killed = true;
                }
                reaped.as_mut().poll(cx)
            })
            .await
        };
        if !is_killed {
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
        for _ in 0..LOOKS {
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

    /// The name of a group is the number of its leader.
    #[derive(Clone, Copy)]
    pub(super) struct Name(Option<Pid>);

    impl Name {
        pub(super) fn of(leader: &Child) -> Self {
            let pid = leader.id().and_then(|pid| i32::try_from(pid).ok());
            Self(pid.and_then(Pid::from_raw))
        }

        pub(super) fn stop(self, _: &mut Child) {
            self.send(Signal::TERM);
            // One that is suspended could not hear it.
            self.send(Signal::CONT);
        }

        pub(super) fn kill(self) {
            self.send(Signal::KILL);
        }

        fn send(self, signal: Signal) {
            if let Some(group) = self.0 {
                // Nobody is left, or nobody of ours: a program with other rights than we have is
                // told as unresponsive.
                let _ = kill_process_group(group, signal);
            }
        }

        /// Whether the leader has ended, and is still there to be reaped.
        pub(super) fn leader_has_ended(self) -> bool {
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            self.0.is_some_and(|leader| matches!(waitid(WaitId::Pid(leader), look), Ok(Some(_))))
        }
    }

    /// Whether one that was asked to stop, and ended like this, has done as it was told. Shells and
    /// runtimes that handle a signal end with its number on top of 128.
    pub(in super::super) fn is_obedient(exit: &ProcessExit) -> bool {
        const TERM: i32 = Signal::TERM.as_raw();
        exit.signal() == Some(TERM) || exit.code() == Some(128 + TERM)
    }
}

#[cfg(not(unix))]
mod os {
    use tokio::process::Child;

    use super::ProcessExit;

    /// There are no groups.
    #[derive(Clone, Copy)]
    pub(super) struct Name;

    impl Name {
        pub(super) fn of(_: &Child) -> Self {
            Self
        }

        pub(super) fn stop(self, process: &mut Child) {
            // One that has ended is no fault.
            let _ = process.start_kill();
        }

        pub(super) fn kill(self) {}

        pub(super) fn leader_has_ended(self) -> bool {
            false
        }
    }

    /// It could only be killed.
    pub(in super::super) fn is_obedient(_: &ProcessExit) -> bool {
        true
    }
}

pub(super) use self::os::is_obedient;
