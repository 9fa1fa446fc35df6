//! The procedures of an engine: the start, stop and removal of one child, and the restart of a group
//! and the shutdown of all children, which go on over many turns.
//!
//! The files of this folder call each other in one direction: `advance`, `group`, `by_hand` and `shutdown`
//! are on top, then come `bounded_stop`, `close`, `backoff` and `removal`, then `start` and `stop`, then
//! `answers` and `waiting`, and `deadlines` is last. `waves` is data of `close`, `stop` and `deadlines`,
//! `bounded` of `bounded_stop`, and `queue` of `waiting`.

mod advance;
mod answers;
mod backoff;
mod bounded;
mod bounded_stop;
mod by_hand;
mod close;
mod deadlines;
mod difference;
mod group;
mod order;
mod queue;
mod reload;
mod reload_steps;
mod removal;
mod replacement;
mod shutdown;
mod start;
mod stop;
mod waiting;
mod waves;

pub(crate) use self::advance::Progress;
pub(crate) use self::bounded::Bounded;
pub(crate) use self::queue::Reviewed;
pub(crate) use self::waiting::Blockers;
pub(crate) use self::waves::Waves;
