//! The name of a process group: the signals to it, and the looks at it, on each kind of platform.

#[cfg(unix)]
mod os {
    use std::io;
    use std::time::{Duration, Instant};

    use rustix::io::Errno;
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group,
        test_kill_process_group, waitid,
    };
    use tokio::process::Child;

    use crate::child::process::signal::ProcessSignal;
    use crate::process_exit::ProcessExit;

    /// The name of a group: the number of its leader.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Name(Option<Pid>);

    impl Name {
        pub(in super::super) fn of(leader: &Child) -> Self {
            // A `Pid` is never 0, which the system would take for the group of this program itself.
            let pid = leader.id().and_then(|pid| i32::try_from(pid).ok());
            Self(pid.and_then(Pid::from_raw))
        }

        pub(in super::super) fn stop(self, _: &mut Child, by: ProcessSignal) {
            self.ask(by);
        }

        /// Asks the processes of the group to end, also those that its leader has left behind.
        pub(in super::super) fn ask(self, by: ProcessSignal) {
            self.send(number(by));
            // A suspended process handles the signal only when it is continued.
            self.send(Signal::CONT);
        }

        pub(in super::super) fn kill(self) {
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
        pub(in super::super) fn leader_has_ended(self) -> bool {
            // `NOWAIT` leaves the leader unreaped: its number stays taken, and tokio still receives
            // its status.
            let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            self.0.is_some_and(|leader| matches!(waitid(WaitId::Pid(leader), look), Ok(Some(_))))
        }

        /// Returns `true` if no process of the group is alive. `looks` is the number of calls before
        /// this one. Processes that have missed the request to stop are asked again.
        ///
        /// The leader must have been reaped by somebody. This program is the parent of others in the
        /// group only if it adopts orphans, as the first process of a container does. Such a process
        /// is reaped here.
        pub(in super::super) fn is_gone(self, looks: u32, asked: Option<Request>) -> bool {
            let Some(group) = self.0 else { return true };
            let reap = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            while let Ok(Some(_)) = waitid(WaitId::Pgid(Some(group)), reap) {}
            // An error other than `SRCH` says that there is a process.
            if test_kill_process_group(group) == Err(Errno::SRCH) {
                return true;
            }
            // The walk over all processes is dear, so only some of the calls make it, the third among
            // them.
            if looks % 8 != 2 {
                return false;
            }
            // An orphan that has ended stays in its group as a zombie for ever if the process that
            // has adopted it never reaps.
            let Some(living) = living(group) else { return false };
            if let Some((at, by)) = asked.and_then(|asked| Some((since_boot(asked.at)?, asked.by)))
            {
                for process in missed(&living, at, number(by)) {
                    let _ = kill_process(process, number(by));
                }
            }
            living.is_empty()
        }
    }

    fn number(signal: ProcessSignal) -> Signal {
        match signal {
            ProcessSignal::Terminate => Signal::TERM,
            ProcessSignal::Interrupt => Signal::INT,
            ProcessSignal::Quit => Signal::QUIT,
            ProcessSignal::Hangup => Signal::HUP,
            ProcessSignal::UserDefined1 => Signal::USR1,
            ProcessSignal::UserDefined2 => Signal::USR2,
            ProcessSignal::WindowChange => Signal::WINCH,
        }
    }

    /// The request to stop that a group was sent.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Request {
        pub(in super::super) at: Instant,
        pub(in super::super) by: ProcessSignal,
    }

    /// A process of a group.
    struct Member {
        process: Pid,
        parent: i32,
        /// The time from the start of the system to that of the process, in steps of 10 ms.
        started: Duration,
    }

    /// Returns the time from the start of the system to a moment, on the clock of [`Member::started`].
    #[cfg(target_os = "linux")]
    fn since_boot(moment: Instant) -> Option<Duration> {
        use rustix::time::{ClockId, clock_gettime};

        let now = Duration::try_from(clock_gettime(ClockId::Boottime)).ok()?;
        now.checked_sub(moment.elapsed())
    }

    #[cfg(not(target_os = "linux"))]
    fn since_boot(_: Instant) -> Option<Duration> {
        None
    }

    /// The longest time from the start of a process to the moment when it runs another program.
    const BEING_STARTED: Duration = Duration::from_secs(1);

    /// Returns the processes that have missed a request to stop.
    ///
    /// The signal is lost on a process that is about to run another program: the handler that it has copied
    /// from its parent takes the signal, and the new program does not have that handler. A process that
    /// follows the request must not be taken for such a one: it may have removed its own handler, and
    /// may start others to clean up. It has been up for a while, and is the parent of those others.
    fn missed(living: &[Member], asked: Duration, by: Signal) -> impl Iterator<Item = Pid> {
        let is_orphan = |member: &&Member| {
            let parent = member.parent;
            living.iter().all(|other| other.process.as_raw_nonzero().get() != parent)
        };
        let was_being_started = move |member: &&Member| {
            asked.checked_sub(member.started).is_some_and(|age| age <= BEING_STARTED)
        };
        let young = living.iter().filter(was_being_started).filter(is_orphan);
        young.map(|member| member.process).filter(move |&process| ends_by(process, by))
    }

    /// The processes of the group that are no zombies, or `None` if they are not known.
    fn living(group: Pid) -> Option<Vec<Member>> {
        let own = std::fs::read_link("/proc/self").ok()?;
        // The numbers in `/proc` may be those of another namespace.
        if own.to_str()?.parse() != Ok(std::process::id()) {
            return None;
        }
        let living = |entry: std::fs::DirEntry| {
            let process = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            // A process that has ended meanwhile has no file any more.
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The fields behind the name of the program, which is in parentheses and may contain
            // any character, are the state, the parent and the group, and, 17 fields after that, the
            // start in hundredths of a second.
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let state = fields.next()?;
            let parent = fields.next()?.parse().ok()?;
            let is_of_group = fields.next()?.parse() == Ok(group.as_raw_nonzero().get());
            let started = Duration::from_millis(fields.nth(16)?.parse::<u64>().ok()? * 10);
            let is_alive = is_of_group && !matches!(state, "Z" | "X");
            is_alive.then_some(Member { process, parent, started })
        };
        Some(std::fs::read_dir("/proc").ok()?.flatten().filter_map(living).collect())
    }

    /// Returns `true` if the process neither handles nor ignores the signal. A process that has received
    /// the signal is then no longer alive.
    fn ends_by(process: Pid, signal: Signal) -> bool {
        let bit = 1_u64 << (signal.as_raw() - 1);
        let file = format!("/proc/{}/status", process.as_raw_nonzero());
        let status = std::fs::read_to_string(file).unwrap_or_default();
        let has = |mask: &str| u64::from_str_radix(mask.trim(), 16).map(|mask| mask & bit != 0);
        let masks = ["SigIgn:", "SigCgt:"]
            .map(|name| status.lines().find_map(|line| has(line.strip_prefix(name)?).ok()));
        masks == [Some(false); 2]
    }

    /// Returns `true` if the error says that the process has ended, and that somebody else has taken
    /// its exit status.
    pub(in super::super) fn is_status_lost(error: &io::Error) -> bool {
        error.raw_os_error() == Some(Errno::CHILD.raw_os_error())
    }

    /// Returns `true` if a process that was asked to stop ended as asked: by the signal itself,
    /// or with the code of 128 and its number, which shells and runtimes use after they handled the
    /// signal.
    pub(in super::super) fn ended_as_asked(exit: &ProcessExit, by: ProcessSignal) -> bool {
        let number = number(by).as_raw();
        exit.signal() == Some(number) || exit.code() == Some(128 + number)
    }
}

#[cfg(not(unix))]
mod os {
    use std::io;
    use std::time::Instant;

    use tokio::process::Child;

    use crate::child::process::signal::ProcessSignal;
    use crate::process_exit::ProcessExit;

    /// The request to stop that a process was sent.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Request {
        pub(in super::super) at: Instant,
        pub(in super::super) by: ProcessSignal,
    }

    /// The name of a group on a platform without process groups.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Name;

    impl Name {
        pub(in super::super) fn of(_: &Child) -> Self {
            Self
        }

        pub(in super::super) fn stop(self, process: &mut Child, _: ProcessSignal) {
            // The call fails if the process has ended, which is no error here.
            let _ = process.start_kill();
        }

        pub(in super::super) fn ask(self, _: ProcessSignal) {}

        pub(in super::super) fn kill(self) {}

        pub(in super::super) fn leader_has_ended(self) -> bool {
            false
        }

        pub(in super::super) fn is_gone(self, _: u32, _: Option<Request>) -> bool {
            true
        }
    }

    pub(in super::super) fn is_status_lost(_: &io::Error) -> bool {
        false
    }

    /// Returns `true`, because without signals a stop can only kill the process.
    pub(in super::super) fn ended_as_asked(_: &ProcessExit, _: ProcessSignal) -> bool {
        true
    }
}

pub(super) use self::os::{Name, Request, ended_as_asked, is_status_lost};
