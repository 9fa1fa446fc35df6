//! The interface of a contestant: [`Contestant`] builds a [`Tree`] after a [`Plan`].

use std::future::Future;
use std::pin::Pin;

use sage_supervisor::SupervisorHandle;

use crate::case::Case;

/// An operation on a whole tree. The box is one allocation per operation, and none per child.
pub type Step<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The children of a tree that fail, if any. They are declared behind all children that live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    Nothing,
    /// The given number of children, each of which fails at once.
    Failing(u32),
    /// A single child that panics at once.
    Panicking,
    /// A single child that fails when the gate is opened.
    Gated,
}

impl Fails {
    pub fn count(self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Failing(count) => count,
            Self::Panicking | Self::Gated => 1,
        }
    }
}

/// The description of a tree that a contestant builds.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The number of children that live and do nothing.
    pub children: u32,
    /// `true` if the idle children wait for the request to stop and obey it.
    pub listen: bool,
    pub fails: Fails,
    /// `true` if a failure restarts all children.
    pub together: bool,
}

impl Plan {
    pub fn idle(children: u32) -> Self {
        Self { children, listen: false, fails: Fails::Nothing, together: false }
    }

    pub fn listening(self) -> Self {
        Self { listen: true, ..self }
    }

    pub fn with(self, fails: Fails) -> Self {
        Self { fails, ..self }
    }

    pub fn together(self) -> Self {
        Self { together: true, ..self }
    }
}

/// A supervisor that takes part.
pub trait Contestant: Sync {
    /// The name of the contestant in the tables and on the command line.
    fn name(&self) -> &'static str;

    /// The package that the contestant is taken from.
    fn package(&self) -> &'static str {
        self.name()
    }

    /// The reason why the contestant does not take part in a case, if there is one.
    fn refuses(&self, _: &Case) -> Option<&'static str> {
        None
    }

    /// A remark that a reader needs in order to judge the figures of a case, if there is one.
    fn remark(&self, _: &Case) -> Option<&'static str> {
        None
    }

    /// Builds the specs, and starts nothing. Restarts are unlimited and not delayed.
    fn build(&self, plan: Plan) -> Box<dyn Tree>;
}

/// A tree of one contestant: built, then started, then stopped.
pub trait Tree: Send {
    /// Starts all children. Each child reports its first poll to [`probe`](crate::probe).
    fn start(&mut self) -> Step<'_>;

    /// Asks all children to stop, and waits until the supervisor reports that they have.
    fn stop(self: Box<Self>) -> Step<'static>;

    /// Ends all children without asking and without waiting. The default drops the tree.
    fn kill(self: Box<Self>) {}

    /// Supervises within the returned future, without a task of its own.
    fn run_here(self: Box<Self>) -> Step<'static> {
        unreachable!("the contestant has refused")
    }

    /// Starts one child and stops it again, the given number of times.
    fn churn(&mut self, _times: u32) -> Step<'_> {
        unreachable!("the contestant has refused")
    }

    /// The handle of the supervisor, for a tree of `sage-supervisor`.
    fn handle(&self) -> Option<SupervisorHandle> {
        None
    }
}

/// The reasons that several contestants share.
pub mod because {
    use crate::case::Case;

    pub const MANY: &str = "not tried with more than 100k children";
    pub const NO_RUN: &str = "its loop is always a task of its own";
    pub const NO_KILL: &str = "no stop without asking";
    pub const NO_GROUPS: &str = "no one_for_all";
    pub const SAME: &str = "as built by hand";
    pub const BUSY: &str = "busy with its own start for more than 10 s";
    const NO_EVENTS: &str = "no typed events";
    const NO_SNAPSHOT: &str = "no snapshot of the tree";

    /// The reason why none of the other supervisors takes part in a case, if there is one.
    pub fn beyond_the_others(case: &Case) -> Option<&'static str> {
        match (case.scenario, case.mode) {
            ("events", "none") => None,
            ("events", _) => Some(NO_EVENTS),
            ("million", _) => Some(NO_SNAPSHOT),
            _ => (case.children > 100_000).then_some(MANY),
        }
    }
}
