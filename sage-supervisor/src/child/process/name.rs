//! The name of a process group: the signals to it, and the looks at it, on each kind of platform.

#[cfg(unix)]
mod os {
    use std::io;

    use rustix::io::Errno;
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
    };
    use tokio::process::Child;

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

        pub(in super::super) fn stop(self, _: &mut Child) {
            self.send(Signal::TERM);
            // A suspended process handles SIGTERM only when it is continued.
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
            // only some of the calls look for it, the third among them.
            looks % 8 == 2 && !has_living(group).unwrap_or(true)
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

    use crate::process_exit::ProcessExit;

    /// The name of a group on a platform without process groups.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Name;

    impl Name {
        pub(in super::super) fn of(_: &Child) -> Self {
            Self
        }

        pub(in super::super) fn stop(self, process: &mut Child) {
            // The call fails if the process has ended, which is no error here.
            let _ = process.start_kill();
        }

        pub(in super::super) fn kill(self) {}

        pub(in super::super) fn leader_has_ended(self) -> bool {
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
