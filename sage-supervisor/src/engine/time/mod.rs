//! The time of one engine: its clock, the deadlines that it waits for, and the time that nobody could
//! use.

mod again;
mod clock;
mod real;
mod timers;

pub(crate) use self::again::{Again, time_again};
pub(crate) use self::clock::{Clock, Moment};
pub(crate) use self::timers::{Alarm, Deadline, Timers};
