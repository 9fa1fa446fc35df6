//! A tree and a history, as plain data. Times are milliseconds.

use std::fmt;

pub(crate) use sage_supervisor::{RestartPolicy, Strategy};

/// A supervisor, as generated.
#[derive(Clone)]
pub(crate) struct Sup {
    pub(crate) strategy: Strategy,
    /// How many restarts, within which window; `None` is no limit.
    pub(crate) limit: Option<(u32, u64)>,
    pub(crate) children: Vec<Child>,
}

#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) policy: RestartPolicy,
    pub(crate) shutdown: Shutdown,
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

/// Time passes, and then something is done, all of it at one instant.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) wait: Wait,
    pub(crate) acts: Vec<Act>,
    pub(crate) finale: Option<Finale>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    No,
    Millis(u64),
    /// As long as a window of the tree: to its very end, or this much longer.
    Window(usize, u64),
}

/// Of the workers alive, the one with this number does that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) whom: usize,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Finish,
    Fail,
    Panic,
    /// Says that it is ready. One that need not say so, or has, says it in vain.
    Ready,
}

/// What is done to the whole tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finale {
    Shutdown,
    Kill,
    DropOwner,
}

impl Sup {
    fn describe(&self, path: &str, indent: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit.map_or("no limit".to_owned(), |(n, ms)| format!("{n} in {ms} ms"));
        writeln!(f, "{path}: {:?}, {limit}", self.strategy)?;
        for (index, child) in self.children.iter().enumerate() {
            let path = format!("{path}/{}", name(index));
            let Child { policy, shutdown, kind } = child;
            write!(f, "{:indent$}  {policy:?}, {shutdown:?}, ", "")?;
            match kind {
                Kind::Nested(sup) => sup.describe(&path, indent + 2, f)?,
                Kind::Worker(Worker { on_stop, ready_within, says }) => {
                    let ready = |ms| format!(", ready in {ms}, says so {says} times");
                    let ready = ready_within.map_or(String::new(), ready);
                    let stop = on_stop.map_or("deaf".to_owned(), |stop| format!("{stop:?}"));
                    writeln!(f, "{path}: {stop}{ready}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Sup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("root", 0, f)
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wait {:?}", self.wait)?;
        for Act { whom, what } in &self.acts {
            write!(f, ", {what:?} {whom}")?;
        }
        self.finale.map_or(Ok(()), |finale| write!(f, ", {finale:?}"))
    }
}

/// The name of a child, by its place.
pub(crate) fn name(index: usize) -> char {
    char::from(b"abcdefgh"[index])
}

/// A tree with its members numbered, the root first, every supervisor before what is below it.
pub(crate) struct Plan {
    pub(crate) units: Vec<Unit>,
}

pub(crate) struct Unit {
    pub(crate) path: String,
    /// The supervisor it is a child of. The root is its own.
    pub(crate) parent: usize,
    pub(crate) policy: RestartPolicy,
    pub(crate) shutdown: Shutdown,
    /// `None` for a supervisor.
    pub(crate) worker: Option<Worker>,
    /// These mean nothing for a worker.
    pub(crate) strategy: Strategy,
    pub(crate) limit: Option<(u32, u64)>,
    pub(crate) children: Vec<usize>,
}

impl Plan {
    pub(crate) fn new(root: &Sup) -> Self {
        let mut plan = Self { units: Vec::new() };
        let root = Child {
            policy: RestartPolicy::Temporary,
            shutdown: Shutdown::Infinity,
            kind: Kind::Nested(root.clone()),
        };
        plan.add(&root, "root".to_owned(), 0);
        plan
    }

    fn add(&mut self, child: &Child, path: String, parent: usize) -> usize {
        let number = self.units.len();
        let (worker, strategy, limit) = match &child.kind {
            Kind::Worker(worker) => (Some(*worker), Strategy::OneForOne, None),
            Kind::Nested(sup) => (None, sup.strategy, sup.limit),
        };
        let Child { policy, shutdown, .. } = *child;
        let children = Vec::new();
        let unit = Unit { path, parent, policy, shutdown, worker, strategy, limit, children };
        self.units.push(unit);
        if let Kind::Nested(sup) = &child.kind {
            for (index, below) in sup.children.iter().enumerate() {
                let path = format!("{}/{}", self.units[number].path, name(index));
                let below = self.add(below, path, number);
                self.units[number].children.push(below);
            }
        }
        number
    }

    /// The number of the member with this path.
    pub(crate) fn find(&self, path: &str) -> usize {
        let found = self.units.iter().position(|unit| unit.path == path);
        found.unwrap_or_else(|| panic!("nobody is at {path}"))
    }
}
