//! A history, as generated: plain data. Times are milliseconds.

use std::fmt;

use sage_supervisor::ChildState;

/// Time passes, and then something is done, all of it at one instant.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) wait: Wait,
    pub(crate) acts: Vec<Act>,
    pub(crate) asks: Vec<Ask>,
    /// What is asked for is heard by the root before what its children do, or after it.
    pub(crate) asks_first: bool,
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
    /// Declines to run. In vain, likewise.
    Decline,
}

/// Asked for by hand: of those in this state, the one with this number. If none is, of all.
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
    Remove,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    Any,
    /// Not listed anywhere.
    Unknown,
    At(ChildState),
    /// Down, until a certain time.
    Waiting,
    /// Told to end at this instant.
    Ending,
    /// A child of a dynamic supervisor.
    OnDemand,
}

/// What is done to the whole tree.
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
