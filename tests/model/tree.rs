//! A generated tree, as plain data. Times are in milliseconds.

use std::fmt;

pub(crate) use sage_supervisor::{AutoShutdown, RestartPolicy, Strategy, TemporarySiblings};

/// A supervisor.
#[derive(Clone)]
pub(crate) struct Sup {
    pub(crate) settings: Settings,
    pub(crate) children: Vec<Child>,
    /// The children that are not declared, but can be started here by hand.
    pub(crate) spares: Vec<Child>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) strategy: Strategy,
    /// The number of restarts and the window of the limit. `None` means that restarts are
    /// unlimited.
    pub(crate) limit: Option<(u32, u64)>,
    /// The time that an instance of a child has to be up for the restarts before it to be forgiven.
    pub(crate) forgive_after: Option<u64>,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) temporary_siblings: TemporarySiblings,
    pub(crate) keep_alive: bool,
    /// `true` if the children start, or stop, all at once.
    pub(crate) starts_together: bool,
    pub(crate) stops_together: bool,
    pub(crate) backoff: Option<Backoff>,
    /// The number of children that a dynamic supervisor has at most. A dynamic supervisor declares
    /// none.
    pub(crate) dynamic: Option<usize>,
}

/// A backoff: the delay is this long for each failure in a row. An instance that was up for long
/// resets the count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) step: u64,
    pub(crate) reset_after: u64,
}

/// The limit of a supervisor without another one. Nobody has set it, so it leaves out the restarts that
/// a backoff delays.
pub(crate) const DEFAULT_LIMIT: (u32, u64) = (5, 60_000);

impl Settings {
    pub(crate) const PLAIN: Self = Self {
        strategy: Strategy::OneForOne,
        limit: None,
        forgive_after: None,
        auto_shutdown: AutoShutdown::Never,
        temporary_siblings: TemporarySiblings::Restart,
        keep_alive: false,
        starts_together: false,
        stops_together: false,
        backoff: None,
        dynamic: None,
    };
}

#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) policy: RestartPolicy,
    pub(crate) shutdown: Shutdown,
    /// `true` if the child is to be significant, where that is allowed.
    pub(crate) significant: bool,
    /// The restart limit of the child itself, in the form of that of a supervisor.
    pub(crate) limit: Option<(u32, u64)>,
    /// The time after which the restarts of the child are forgiven, in place of that of its
    /// supervisor.
    pub(crate) forgive_after: Option<u64>,
    /// The backoff of the child, in place of that of its supervisor.
    pub(crate) backoff: Option<Backoff>,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Worker(Worker),
    Nested(Sup),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Worker {
    /// The reaction to a request to stop. With `None` the start function takes no context, so it
    /// cannot hear the request.
    pub(crate) on_stop: Option<OnStop>,
    pub(crate) ready_within: Option<u64>,
    /// The number of first instances that report readiness without an order.
    pub(crate) says: u32,
    /// The declared heartbeat interval, although no heartbeat is ever sent.
    pub(crate) heartbeat: Option<u64>,
}

/// The reaction of a worker to a request to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OnStop {
    Obey,
    Ignore,
    After(u64),
    Fail,
    Panic,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Shutdown {
    BrutalKill,
    Timeout(u64),
    Infinity,
}

impl Sup {
    fn describe(&self, path: &str, indent: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{path}: {}", self.settings)?;
        for (index, child) in self.children.iter().chain(&self.spares).enumerate() {
            let path = format!("{path}/{}", name(index));
            let Child { policy, shutdown, significant, limit, forgive_after, backoff, kind } =
                child;
            let spare = if index < self.children.len() { "" } else { "(spare) " };
            let significant = if *significant { "significant, " } else { "" };
            write!(f, "{:indent$}  {spare}{policy:?}, {shutdown:?}, {significant}", "")?;
            let own = |(max, within)| format!("{max} in {within} ms, ");
            write!(f, "{}", limit.map_or(String::new(), own))?;
            write!(f, "{}{}", forgives(*forgive_after), delays(*backoff))?;
            match kind {
                Kind::Nested(sup) => sup.describe(&path, indent + 2, f)?,
                Kind::Worker(Worker { on_stop, ready_within, says, heartbeat }) => {
                    let ready = |ms| format!(", ready in {ms}, says so {says} times");
                    let ready = ready_within.map_or(String::new(), ready);
                    let stop = on_stop.map_or("deaf".to_owned(), |stop| format!("{stop:?}"));
                    let silent = |ms| format!(", silent for {ms}");
                    let silent = heartbeat.map_or(String::new(), silent);
                    writeln!(f, "{path}: {stop}{ready}{silent}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dynamic {
            Some(most) => write!(f, "dynamic, at most {most}, ")?,
            None => write!(f, "{:?}, ", self.strategy)?,
        }
        match self.limit {
            Some((max, within)) => write!(f, "{max} in {within} ms")?,
            None => write!(f, "no limit")?,
        }
        write!(f, "{}{}", forgives(self.forgive_after), delays(self.backoff))?;
        if self.auto_shutdown != AutoShutdown::Never {
            write!(f, ", ends with {:?}", self.auto_shutdown)?;
        }
        if self.temporary_siblings == TemporarySiblings::Remove {
            write!(f, ", removes temporary siblings")?;
        }
        if self.starts_together {
            write!(f, ", starts together")?;
        }
        if self.stops_together {
            write!(f, ", stops together")?;
        }
        if self.keep_alive { write!(f, ", kept alive") } else { Ok(()) }
    }
}

impl fmt::Debug for Sup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("root", 0, f)
    }
}

fn forgives(after: Option<u64>) -> String {
    after.map_or(String::new(), |after| format!(", forgives after {after}, "))
}

fn delays(backoff: Option<Backoff>) -> String {
    let wait =
        |Backoff { step, reset_after }| format!(", waits {step}, anew after {reset_after}, ");
    backoff.map_or(String::new(), wait)
}

/// The name of a child, by its place.
pub(crate) fn name(index: usize) -> char {
    char::from(b"abcdefgh"[index])
}
