//! A tree, as generated: plain data. Times are milliseconds.

use std::fmt;

pub(crate) use sage_supervisor::{AutoShutdown, RestartPolicy, Strategy, TemporarySiblings};

/// A supervisor.
#[derive(Clone)]
pub(crate) struct Sup {
    pub(crate) settings: Settings,
    pub(crate) children: Vec<Child>,
    /// Not declared: what can be started here by hand.
    pub(crate) spares: Vec<Child>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) strategy: Strategy,
    /// How many restarts, within which window; `None` is no limit.
    pub(crate) limit: Option<(u32, u64)>,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) temporary_siblings: TemporarySiblings,
    pub(crate) keep_alive: bool,
    pub(crate) backoff: Option<Backoff>,
    /// It is dynamic, and has no more children than this at once. It declares none.
    pub(crate) dynamic: Option<usize>,
}

/// How long restarts wait: this long for each failure in a row. An instance that was up for long makes
/// up for those before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) step: u64,
    pub(crate) reset_after: u64,
}

impl Settings {
    pub(crate) const PLAIN: Self = Self {
        strategy: Strategy::OneForOne,
        limit: None,
        auto_shutdown: AutoShutdown::Never,
        temporary_siblings: TemporarySiblings::Restart,
        keep_alive: false,
        backoff: None,
        dynamic: None,
    };
}

#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) policy: RestartPolicy,
    pub(crate) shutdown: Shutdown,
    /// If that is allowed here.
    pub(crate) significant: bool,
    /// Its own, as that of a supervisor.
    pub(crate) limit: Option<(u32, u64)>,
    /// Instead of that of its supervisor.
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
    /// `None`: its start function takes no context, so it does not hear that it is to stop.
    pub(crate) on_stop: Option<OnStop>,
    pub(crate) ready_within: Option<u64>,
    /// In its first instances, that many, it says that it is ready without being told to.
    pub(crate) says: u32,
    /// It declares a heartbeat, and gives none.
    pub(crate) heartbeat: Option<u64>,
}

/// What a worker does when it is asked to stop.
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
            let Child { policy, shutdown, significant, limit, backoff, kind } = child;
            let spare = if index < self.children.len() { "" } else { "(spare) " };
            let significant = if *significant { "significant, " } else { "" };
            write!(f, "{:indent$}  {spare}{policy:?}, {shutdown:?}, {significant}", "")?;
            let own = |(max, within)| format!("{max} in {within} ms, ");
            write!(f, "{}{}", limit.map_or(String::new(), own), delays(*backoff))?;
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
        write!(f, "{}", delays(self.backoff))?;
        if self.auto_shutdown != AutoShutdown::Never {
            write!(f, ", ends with {:?}", self.auto_shutdown)?;
        }
        if self.temporary_siblings == TemporarySiblings::Remove {
            write!(f, ", removes temporary siblings")?;
        }
        if self.keep_alive { write!(f, ", kept alive") } else { Ok(()) }
    }
}

impl fmt::Debug for Sup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("root", 0, f)
    }
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
