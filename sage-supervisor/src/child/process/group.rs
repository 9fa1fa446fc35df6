//! A process and everything it has started, as far as that stays in its process group.
//!
//! Invariants:
//!
//! 1. Everything of the group has ended before the exit is reported: the leader has been reaped, and no
//!    other process of the group is alive. The exception is a process that goes on after SIGKILL, which
//!    is waited for during [`KILL_TIME`].
//! 2. A group that is killed because its leader has ended is killed before the leader is reaped,
//!    wherever that end can be seen first. The number of the group is that of the leader, and the
//!    system may give it to another process once the leader is reaped and the group is empty. A group
//!    that may still end by itself is looked at every few milliseconds, so that no signal is sent to a
//!    number that has long been free.
//! 3. A group that is dropped before its end is killed and has ended within [`DROP_TIME`], unless a
//!    process of it hangs in the kernel.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::process::{Child, ChildStderr, ChildStdout};

use super::{CommandSpec, remains};
use crate::process_exit::ProcessExit;

/// The time for which the rest of a group is waited for after SIGKILL. The rest usually ends within one
/// or two milliseconds. The bound keeps a process that hangs in the kernel, or that runs with other
/// rights than this program, from being waited for for ever.
pub(super) const KILL_TIME: Duration = Duration::from_secs(5);

/// The same for a group that is dropped, where the wait blocks a thread.
const DROP_TIME: Duration = Duration::from_secs(1);

/// A process group with its leader. A dropped group is killed.
pub(super) struct Group {
    leader: Child,
    name: Name,
    /// Set once the leader has been reaped and nothing is left of the group that could be killed.
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
        let name = Name::of(&leader);
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

    /// Waits until the leader has ended and has been reaped. The rest of the group is killed then,
    /// unless `spares_rest` is set.
    pub(super) async fn leader_ended(&mut self, spares_rest: bool) -> io::Result<ExitStatus> {
        let name = self.name;
        // If this future is dropped and the function is called again, the group may be killed twice.
        // The second signal does no harm while the leader has not been reaped.
        let mut is_killed = spares_rest;
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
        status
    }

    /// Waits until no process is left of a group whose leader has been reaped, or until a point in
    /// time.
    pub(super) async fn ended(&mut self, until: Option<Instant>) {
        remains::are_gone(self.name, until).await;
        self.is_over = true;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        self.kill();
        let until = Instant::now() + DROP_TIME;
        let (mut is_reaped, mut looks) = (false, 0);
        while Instant::now() < until {
            is_reaped = is_reaped || !matches!(self.leader.try_wait(), Ok(None));
            if is_reaped && self.name.is_gone(looks) {
                break;
            }
            looks += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(unix)]
mod os {
    use std::io;

    use rustix::io::Errno;
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
    };
    use tokio::process::Child;

    use super::ProcessExit;

    /// The name of a group: the number of its leader.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Name(Option<Pid>);

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

        /// Returns `true` if no process of the group is alive. `looks` is the number of calls before
        /// this one.
        ///
        /// The leader must have been reaped by somebody. This program is the parent of others in the
        /// group only if it adopts orphans, as the first process of a container does. Such a process
        /// is reaped here.
        pub(in super::super) fn is_gone(self, looks: u32) -> bool {
            let Some(group) = self.0 else { return true };
            let reap = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            while let Ok(Some(_)) = waitid(WaitId::Pgid(Some(group)), reap) {}
            // An error other than `SRCH` says that there is a process.
            if test_kill_process_group(group) == Err(Errno::SRCH) {
                return true;
            }
            // An orphan that has ended stays in its group as a zombie for ever if the process that
            // has adopted it never reaps. That is seldom so, and costs a walk over all processes, so
            // the looks for it become rare.
            looks > 1 && looks.is_power_of_two() && !has_living(group).unwrap_or(true)
        }
    }

    /// Returns `true` if the group has a process that is no zombie, and `None` if that is not known.
    fn has_living(group: Pid) -> Option<bool> {
        let own = std::fs::read_link("/proc/self").ok()?;
        // The numbers in `/proc` may be those of another namespace.
        if own.to_str()?.parse() != Ok(std::process::id()) {
            return None;
        }
        let is_living = |stat: String| {
            // The fields behind the name of the program, which is in parentheses and may contain
            // any character, are the state, the parent and the group.
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let state = fields.next()?;
            let of_group = fields.nth(1)?.parse() == Ok(group.as_raw_nonzero().get());
            Some(of_group && !matches!(state, "Z" | "X"))
        };
        let processes = std::fs::read_dir("/proc").ok()?.flatten();
        // A process that has ended meanwhile has no file any more.
        let mut stats =
            processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
        Some(stats.any(|stat| is_living(stat).unwrap_or(false)))
    }

    /// Returns `true` if the error says that the process has ended, and that somebody else has taken
    /// its exit status.
    pub(in super::super) fn is_status_lost(error: &io::Error) -> bool {
        error.raw_os_error() == Some(Errno::CHILD.raw_os_error())
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
    use std::io;

    use tokio::process::Child;

    use super::ProcessExit;

    /// The name of a group on a platform without process groups.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Name;

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

        pub(in super::super) fn is_gone(self, _: u32) -> bool {
            true
        }
    }

    pub(in super::super) fn is_status_lost(_: &io::Error) -> bool {
        false
    }

    /// Returns `true`, because without signals a stop can only kill the process.
    pub(in super::super) fn ended_as_asked(_: &ProcessExit) -> bool {
        true
    }
}

pub(super) use self::os::{Name, ended_as_asked, is_status_lost};
