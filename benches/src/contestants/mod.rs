//! Who is measured. One file each, behind [`Contestant`] and [`Tree`].

mod by_hand;
mod declared;
mod dynamic;
mod kameo;
pub mod otp;
mod ractor_supervisor;
mod sage_runtime;
mod task_supervisor;
mod taskvisor;

use std::future::Future;
use std::pin::Pin;

use sage_supervisor::SupervisorHandle;

use crate::case::Case;
use crate::floor;

/// Something that takes a while. One box for each call, never for each child.
pub type Step<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What fails in a tree, if anything. It is added behind all that live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    Nothing,
    /// So many children, each at once.
    Failing(u32),
    /// One child, at once.
    Panicking,
    /// One child, when the gate is opened.
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

/// A tree to be built.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many children do nothing.
    pub children: u32,
    /// Whether those listen to what asks them to stop.
    pub listen: bool,
    pub fails: Fails,
    /// Whether a failure takes all along.
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
    /// What it is called in the tables and on the command line.
    fn name(&self) -> &'static str;

    /// The package that it is.
    fn package(&self) -> &'static str;

    /// Why it cannot do a case, if it cannot.
    fn refuses(&self, case: &Case) -> Option<&'static str>;

    /// What a reader must know to judge its figures in a case, if anything.
    fn remark(&self, _: &Case) -> Option<&'static str> {
        None
    }

    /// Builds the specs, and starts nothing. Restarts are unlimited and not delayed.
    fn build(&self, plan: Plan) -> Box<dyn Tree>;
}

/// A tree of one contestant: built, then started, then stopped.
pub trait Tree: Send {
    /// Starts all children. They tell themselves when they have been polled.
    fn start(&mut self) -> Step<'_>;

    /// Asks all to stop, and waits until the supervisor says that they have.
    fn stop(self: Box<Self>) -> Step<'static>;

    /// Ends all without asking, and waits for nothing: by dropping the owner, for those who have one.
    fn kill(self: Box<Self>) {}

    /// Supervises within this future, for those who can.
    fn run_here(self: Box<Self>) -> Step<'static> {
        unreachable!("it has refused")
    }

    /// Starts one child and stops it again, so many times.
    fn churn(&mut self, _times: u32) -> Step<'_> {
        unreachable!("it has refused")
    }

    /// Ours alone has one.
    fn handle(&self) -> Option<SupervisorHandle> {
        None
    }
}

/// All, the floor first.
pub const ALL: [&dyn Contestant; 9] = [
    &floor::Floor,
    &declared::Declared,
    &by_hand::ByHand,
    &dynamic::Dynamic,
    &sage_runtime::SageRuntime,
    &task_supervisor::TaskSupervisor,
    &taskvisor::Taskvisor,
    &kameo::Kameo,
    &ractor_supervisor::RactorSupervisor,
];

/// The floor and ours.
pub const OURS: usize = 4;

/// Reasons that several have in common.
pub mod because {
    pub const MANY: &str = "not tried with more than 100k children";
    pub const NO_RUN: &str = "its loop is always a task of its own";
    pub const NO_GROUPS: &str = "no one_for_all";
    pub const NO_EVENTS: &str = "no typed events";
    pub const SAME: &str = "as built by hand";
    pub const BUSY: &str = "busy with its own start for more than 10 s";
    pub const NO_SNAPSHOT: &str = "no snapshot of the tree";
}
