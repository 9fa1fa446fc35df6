//! The time of one engine: its clock, and the deadlines that it waits for.

mod clock;
mod timers;

pub(crate) use self::clock::{Clock, Moment};
pub(crate) use self::timers::{Alarm, Deadline, Timers};
