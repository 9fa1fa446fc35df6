//! A process and everything it has started, as far as that stays in its process group.
//!
//! Invariants:
//!
//! 1. Everything of the group has ended before the exit is reported: the leader has been reaped, and no
//!    other process of the group is alive. The exception is a process that goes on after SIGKILL, which
//!    is waited for during [`KILL_TIME`].
//! 2. A group that is killed or asked to stop because its leader has ended is sent the signal before the
//!    leader is reaped, wherever that end can be seen first. The number of the group is that of the leader, and the
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

use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use super::name::{Name, Request};
use super::signal::ProcessSignal;
use super::{CommandSpec, remains};

/// The time for which the rest of a group is waited for after SIGKILL. The rest usually ends within one
/// or two milliseconds. The bound keeps a process that hangs in the kernel, or that runs with other
/// rights than this program, from being waited for for ever.
pub(super) const KILL_TIME: Duration = Duration::from_secs(5);

/// The same for a group that is dropped, where the wait blocks a thread.
const DROP_TIME: Duration = Duration::from_secs(1);

/// What becomes of the rest of a group when its leader has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// It is killed.
    Killed,
    /// It is asked to stop, because only the leader has heard of the stop.
    Asked(ProcessSignal),
    /// It has been asked before, and goes on.
    Spared,
}

impl Rest {
    /// Returns whether the rest has the time of the stop.
    pub(super) fn goes_on(self) -> bool {
        self != Self::Killed
    }
}

/// A process group with its leader. A dropped group is killed.
pub(super) struct Group {
    leader: Child,
    name: Name,
    /// The request to stop.
    asked: Option<Request>,
    /// Set once the leader has been reaped and nothing is left of the group that could be killed.
    is_over: bool,
}

impl Group {
    /// The pipes to a process with a driver replace what the command says.
    pub(super) fn spawn(spec: CommandSpec, has_driver: bool) -> io::Result<Self> {
        let CommandSpec { mut command, keeps_input, keeps_output } = spec;
        if !keeps_input {
            command.stdin(Stdio::null());
        }
        if !keeps_output {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        if has_driver {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
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
        Ok(Self { leader, name, asked: None, is_over: false })
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.leader.id()
    }

    /// The output of the leader, where it is piped.
    pub(super) fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.leader.stdout.take(), self.leader.stderr.take())
    }

    /// The pipes to the leader, if both are piped.
    pub(super) fn take_pipes(&mut self) -> Option<(ChildStdin, ChildStdout)> {
        self.leader.stdin.take().zip(self.leader.stdout.take())
    }

    /// Asks all processes of the group to end.
    pub(super) fn stop(&mut self, by: ProcessSignal) {
        self.asked = Some(Request { at: Instant::now(), by });
        self.name.stop(&mut self.leader, by);
    }

    /// Kills all processes of the group.
    pub(super) fn kill(&mut self) {
        self.name.kill();
        // The leader is killed by itself as well, because not every platform has groups. The call
        // fails if the leader has ended, which is no error here.
        let _ = self.leader.start_kill();
    }

    /// Waits until the leader has ended and has been reaped, and sends the rest of the group its signal.
    pub(super) async fn leader_ended(&mut self, rest: Rest) -> io::Result<ExitStatus> {
        let (name, asked) = (self.name, &mut self.asked);
        // If this future is dropped and the function is called again, the group may be sent two signals.
        // The second signal does no harm while the leader has not been reaped.
        let mut send = || match rest {
            Rest::Killed => name.kill(),
            Rest::Asked(by) => {
                *asked = Some(Request { at: Instant::now(), by });
                name.ask(by);
            }
            Rest::Spared => {}
        };
        let mut is_sent = rest == Rest::Spared;
        let status = {
            let mut reaped = pin!(self.leader.wait());
            poll_fn(|cx| {
                // Invariant 2: the signal is sent while the leader that has ended still keeps its
                // number. `wait` reaps the leader in the same poll in which it sees the end, so the
                // end has to be looked for first.
                if !is_sent && name.leader_has_ended() {
                    send();
                    is_sent = true;
                }
                reaped.as_mut().poll(cx)
            })
            .await
        };
        if !is_sent {
            // The leader ended between the check and the poll that reaped it. The number still belongs
            // to this group as long as any process is left in it.
            send();
        }
        status
    }

    /// Waits until no process is left of a group whose leader has been reaped, or until a point in
    /// time. Without such a point, the group has been asked to stop and not been killed.
    pub(super) async fn ended(&mut self, until: Option<Instant>) {
        let asked = self.asked.filter(|_| until.is_none());
        remains::are_gone(self.name, asked, until).await;
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
            if is_reaped && self.name.is_gone(looks, None) {
                break;
            }
            looks += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
