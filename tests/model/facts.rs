//! The facts that can be observed of a tree: exits, failures, and the reports of its supervisors,
//! in order.

use std::fmt;

use sage_supervisor as sage;

/// The exit of an instance.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Exit {
    Normal,
    Shutdown,
    Error(String),
    Panic(String),
    Killed,
    /// The failure of a nested supervisor.
    Nested(Failure),
    /// The instance was not ready in time.
    NotReady,
    /// The instance sent no heartbeat in time.
    Silent,
    /// The instance ended before it was ready.
    FailedStart(Box<Self>),
}

/// The failure with which a supervisor ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Failure {
    Limit {
        path: String,
        child: String,
        max: u32,
        within: u64,
        exit: Box<Exit>,
    },
    Start {
        path: String,
        exit: Box<Exit>,
    },
    Significant {
        path: String,
        exit: Box<Exit>,
    },
    GivenUp {
        path: String,
        max: u32,
        within: u64,
        exit: Box<Exit>,
    },
    /// The children that failed while the tree stopped, sorted.
    Unclean(Vec<Unclean>),
}

/// A child that failed while the tree stopped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Unclean {
    pub(crate) path: String,
    pub(crate) exit: Exit,
    /// `true` if the child was killed because its shutdown timed out.
    pub(crate) late: bool,
}

impl Exit {
    pub(crate) fn is_failure(&self) -> bool {
        !matches!(self, Self::Normal | Self::Shutdown)
    }

    pub(crate) fn is_failed_start(&self) -> bool {
        matches!(self, Self::NotReady | Self::FailedStart(_))
    }

    /// The exit in the result of a tree, in the form of the model.
    pub(crate) fn of(exit: &sage::Exit) -> Self {
        match exit {
            sage::Exit::Normal => Self::Normal,
            sage::Exit::Shutdown => Self::Shutdown,
            sage::Exit::Panic(panic) => {
                Self::Panic(panic.to_string().trim_start_matches("expected: ").to_owned())
            }
            sage::Exit::Killed => Self::Killed,
            sage::Exit::HeartbeatMissed(_) => Self::Silent,
            sage::Exit::FailedStart(sage::StartFailure::NotReady(_)) => Self::NotReady,
            sage::Exit::FailedStart(sage::StartFailure::Ended(exit)) => {
                Self::FailedStart(Box::new(Self::of(exit)))
            }
            sage::Exit::Error(error) => match error.get_ref().downcast_ref() {
                Some(error) => Self::Nested(Failure::of(error)),
                None => Self::Error(error.to_string()),
            },
            other => panic!("an exit the model does not know: {other}"),
        }
    }
}

impl Failure {
    pub(crate) fn of(error: &sage::SageError) -> Self {
        match error {
            sage::SageError::Supervisor(reached) => Self::Limit {
                path: reached.path.clone(),
                child: format!("{}/{}", reached.path, reached.child),
                max: reached.max_restarts,
                within: u64::try_from(reached.within.as_millis()).expect("it was in range"),
                exit: Box::new(Exit::of(&reached.exit)),
            },
            sage::SageError::FailedStart(failed) => {
                Self::Start { path: failed.path.clone(), exit: Box::new(Exit::of(&failed.exit)) }
            }
            sage::SageError::Significant(lost) => {
                Self::Significant { path: lost.path.clone(), exit: Box::new(Exit::of(&lost.exit)) }
            }
            sage::SageError::GivenUp(child) => Self::GivenUp {
                path: child.path.clone(),
                max: child.max_restarts,
                within: u64::try_from(child.within.as_millis()).expect("it was in range"),
                exit: Box::new(Exit::of(&child.exit)),
            },
            sage::SageError::UncleanStop(unclean) => {
                let unclean = unclean.failures.first.iter().map(|failure| Unclean {
                    path: failure.path.clone(),
                    exit: Exit::of(&failure.exit),
                    late: failure.shutdown_timed_out,
                });
                Self::unclean(unclean.collect())
            }
            other => panic!("an error the model does not know: {other}"),
        }
    }

    pub(crate) fn unclean(mut children: Vec<Unclean>) -> Self {
        children.sort_unstable();
        Self::Unclean(children)
    }
}

/// The text of the field `exit` of an event, shortened as by [`exit_text`].
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::Error(message) => write!(f, "error: {message}"),
            Self::Panic(message) => write!(f, "panic: {message}"),
            Self::Killed => f.write_str("killed"),
            Self::Nested(Failure::Limit { path, .. }) => write!(f, "error: supervisor `{path}`"),
            Self::Nested(Failure::Start { path, .. } | Failure::GivenUp { path, .. }) => {
                write!(f, "error: child `{path}`")
            }
            Self::Nested(Failure::Significant { path, .. }) => {
                write!(f, "error: significant child `{path}`")
            }
            Self::Nested(Failure::Unclean(_)) => unreachable!("only a root ends with this"),
            Self::Silent => f.write_str("no heartbeat"),
            Self::NotReady => f.write_str("failed start: not ready"),
            Self::FailedStart(exit) => write!(f, "failed start: {exit}"),
        }
    }
}

/// Shortens the text of the field `exit` of an event. Only the path is left of the failure of a nested
/// supervisor: the rest is compared in the result of the tree.
pub(crate) fn exit_text(text: &str) -> String {
    let text = text.replace("the child ended before it was ready: ", "").replace("expected: ", "");
    let text = text.split_once(" within ").map_or(&*text, |(before, _)| before);
    text.split_inclusive('`').take(2).collect()
}

/// The facts that one supervisor has reported since the last look, run by run, in order.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Told(Vec<Run>);

/// The facts of one run. A killed supervisor reports exits in any order, and whether one below it
/// was told to end or found the kill by itself is open. From the kill on, only the exits count,
/// sorted.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Run {
    facts: Vec<String>,
    killed: bool,
    /// The exits that were reported after the kill.
    ends: Vec<String>,
}

impl Run {
    fn push(&mut self, fact: String) {
        if !self.killed {
            self.facts.push(fact);
        } else if fact.starts_with(['+', '-']) {
            self.ends.push(killed(&fact));
            self.ends.sort_unstable();
        }
    }
}

/// The form of an exit that is reported while everything is being killed.
fn killed(fact: &str) -> String {
    // Rules 6 and 26 overlap: a task that is killed before it is ready may count as a failed start,
    // and its supervisor, if that is starting too, then ends with this failure.
    let fact = fact.replace("failed start: ", "");
    let fact = fact.split_once(" error: child `").map_or(&*fact, |(child, _)| child);
    let fact = fact.split_once(" normal").map_or(fact, |(child, _)| child);
    fact.split_once(" shutdown").map_or(fact, |(child, _)| child).to_owned()
}

impl Told {
    pub(crate) fn push(&mut self, fact: String) {
        if self.0.is_empty() {
            self.0.push(Run::default());
        }
        self.0.last_mut().expect("there is one").push(fact);
    }

    /// Begins a new run.
    pub(crate) fn begins(&mut self) {
        self.0.push(Run::default());
    }

    pub(crate) fn mark_killed(&mut self) {
        if self.0.is_empty() {
            self.0.push(Run::default());
        }
        self.0.last_mut().expect("there is one").killed = true;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self) -> Self {
        let killed = self.0.last().is_some_and(|run| run.killed);
        let rest = if killed { vec![Run { killed, ..Run::default() }] } else { Vec::new() };
        std::mem::replace(self, Self(rest))
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|run| &run.facts).map(String::as_str)
    }

    /// Returns whether the observed facts match these. The observed ones do not tell which runs
    /// were killed.
    pub(crate) fn is(&self, seen: &Self) -> bool {
        let runs = |told: &Self| -> Vec<Run> {
            let any = |run: &&Run| !run.facts.is_empty() || !run.ends.is_empty();
            told.0.iter().filter(any).cloned().collect()
        };
        let (expected, seen) = (runs(self), runs(seen));
        expected.len() == seen.len()
            && expected.iter().zip(&seen).all(|(expected, seen)| {
                let mut same = Run::default();
                for (index, fact) in seen.facts.iter().enumerate() {
                    same.killed = expected.killed && index >= expected.facts.len();
                    same.push(fact.clone());
                }
                same.facts == expected.facts && same.ends == expected.ends
            })
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = |run: &&Run| run.killed || !run.facts.is_empty();
        let runs = self.0.iter().filter(any).map(|run| {
            let facts = run.facts.join(", ");
            let ends = run.ends.join(", ");
            if run.killed { format!("{facts}; killed, in any order: {ends}") } else { facts }
        });
        f.write_str(&runs.collect::<Vec<_>>().join(" | "))
    }
}
