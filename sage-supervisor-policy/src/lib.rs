//! Implementation detail of the `sage-supervisor` crate, which re-exports the types that users name.
//!
//! Every rule that both the runtime and the macros apply is written here, once: the defaults, the
//! policies and their words, the arithmetic of a backoff, the window of a restart limit, the analyses
//! of a declared tree, and the drawing of a tree. The macros call the rules while they expand, the
//! constants of an expansion call them while the compiler evaluates these, and the runtime calls them
//! while a tree runs. Nothing here starts a task or reads a clock, and the only dependency is `serde`, if
//! its feature is on.
#![doc(test(attr(deny(warnings))))]

mod auto_shutdown;
pub mod backoff;
mod declared;
pub mod graph;
pub mod limit;
pub mod name;
mod order;
pub mod outline;
mod restart;
mod shutdown;
mod strategy;
mod text;
mod ticks;
pub mod time;

pub use auto_shutdown::{AutoShutdown, TemporarySiblings};
pub use declared::{
    Bound, DeclaredBackoff, DeclaredChild, DeclaredLimit, DeclaredTree, NoBound, Setting, Sibling,
    WrittenChild, WrittenStart, WrittenTree, too_little_time,
};
pub use order::Order;
pub use restart::{RestartConfig, RestartPolicy};
pub use shutdown::{FOREVER, KILL_GRACE, Shutdown, UNRESPONSIVE_TIMEOUT, clamp_kill_grace};
pub use strategy::{Group, Strategy};
pub use text::Text;
pub use ticks::Ticks;
