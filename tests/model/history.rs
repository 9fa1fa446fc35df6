//! A generated history, as plain data. Times are in milliseconds.

use std::fmt;

use sage_supervisor::ChildState;

/// A step of a history: time passes, and then several things are done at one instant.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) wait: Wait,
    pub(crate) acts: Vec<Act>,
    pub(crate) asks: Vec<Ask>,
    /// `true` if the root receives the commands before the consequences of the acts, and `false` if
    /// after them.
    pub(crate) asks_first: bool,
    pub(crate) finale: Option<Finale>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    No,
    Millis(u64),
    /// The length of a window of the tree, or the given time more. Without more, the wait ends at
    /// the very end of the window.
    Window(usize, u64),
}

/// An act of one of the living workers, which is chosen by a number.
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
    /// The worker reports readiness. The report has no effect if the worker declares no readiness
    /// or is ready already.
    Ready,
    /// The worker declines to run. A decline has no effect in the same cases.
    Decline,
}

/// A command to one of the children in a certain state, which is chosen by a number. If no child is
/// in that state, any child is chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) what: Command,
    pub(crate) aim: Aim,
    pub(crate) whom: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Command {
    Start,
    Stop,
    Restart,
    Replace,
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    Any,
    /// The child is not listed anywhere.
    Unknown,
    At(ChildState),
    /// The child is down, and waits for its restart.
    Waiting,
    /// The child is told to end at the same instant.
    Ending,
    /// The child belongs to a dynamic supervisor.
    OnDemand,
}

/// The end of the whole tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finale {
    Shutdown,
    Kill,
    DropOwner,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wait {:?}", self.wait)?;
        for Act { whom, what } in &self.acts {
            write!(f, ", {what:?} {whom}")?;
        }
        for Ask { what, aim, whom } in &self.asks {
            write!(f, ", ask to {what:?} {aim:?} {whom}")?;
        }
        if self.asks_first && !self.asks.is_empty() {
            f.write_str(" first")?;
        }
        self.finale.map_or(Ok(()), |finale| write!(f, ", {finale:?}"))
    }
}
