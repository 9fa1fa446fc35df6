//! OTP-style supervision trees for tokio.
//!
//! A service is a handful of long-lived tasks: listeners, workers, consumers, schedulers. This crate
//! lets their author declare which of them run, who restarts whom, how often, and how everything
//! stops. The compiler checks the declaration, and an engine keeps the promise.
//!
//! # Examples
//!
#![cfg_attr(feature = "macros", doc = "```")]
#![cfg_attr(not(feature = "macros"), doc = "```ignore")]
//! use sage_supervisor::prelude::*;
//!
//! async fn listener(ctx: ChildContext) {
//!     ctx.cancelled().await;
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> SageResult<()> {
//! let app = supervisor! {
//!     name = "app",
//!     strategy = "rest_for_one",
//!
//!     // What others depend on comes first: it starts first and stops last.
//!     #[child(shutdown = "10s")]
//!     listener = listener,
//!
//!     #[child(restart = "transient")]
//!     importer = async |ctx| {
//!         println!("{} imports", ctx.path());
//!         ctx.cancelled().await;
//!     },
//! };
//! let running = app.start();
//! # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
//! running.shutdown().await
//! # }
//! ```
//!
//! # Where to begin
//!
//! - The [`supervisor!`](macro@supervisor) block declares a tree inline; [`#[child]`](attr.child.html)
//!   turns an `async fn` into a child. Without macros, [`Supervisor`] and [`ChildSpec`] are the same
//!   in plain calls.
//! - [`Supervisor::run`] supervises until everything has ended, [`Supervisor::run_until_signal`]
//!   also until Ctrl-C or SIGTERM, and [`Supervisor::start`] gives an owner to be kept.
//! - A child that takes a [`ChildContext`] hears when it is to stop, and may
//!   [ask for the end](ChildContext::shutdown_tree) of all. What is to survive its instances, such as
//!   a mailbox, is [lent](ChildSpec::lending) to it.
//! - [`ChildSpec::blocking`] is a child that blocks, with a thread of its own; `ChildSpec::command`,
//!   with the feature `process`, is one that is a program.
//! - [Reading the errors](errors) helps with what the compiler answers; [erlang] is for who comes from
//!   Erlang or Elixir.
//! - A [`Report`] says why it ended, and what the result leaves out:
//!   [`Supervisor::run_with_report`].
//! - [`RestartPolicy`], [`Strategy`], [`RestartConfig`] and [`Shutdown`] are what is declared of
//!   them.
//!
//! # What is guaranteed
//!
//! In short; the whole [contract] is a page of its own, each rule with the tests that show it.
//!
//! - At most one instance of a child is alive at any moment: a new one starts only after the future
//!   of the old one has been dropped, also across group restarts, rebuilt subtrees and runs of one
//!   supervisor.
//! - No exit is lost or charged to another child. Deaths at the same moment are one group restart.
//! - A panic in a start function, a future, its destructor or a clone made for it is an exit of its
//!   child, with its message, and nothing more. One in the destructor of a captured value or in an
//!   error's `Display` is contained as well.
//! - Errors keep their type and source chain up to the error that the whole tree ends with, which
//!   names the child, its path, how many restarts within which window, and the last exit.
//! - A value that is [lent](Lent) to a child is held by one instance at a time, and comes back however
//!   that ends.
//! - When a supervisor ends, nothing below it is alive. If something cannot be ended, the result is
//!   [`SageError::Unresponsive`] and says what.
//! - Dropping the future of a run, or the owner of a started tree, ends everything below it.
//! - An exit costs O(1), whatever the number of siblings, and an idle tree costs nothing: no polling
//!   and no periodic timer.
//!
//! # What is not
//!
//! - An abort takes effect where a task yields. One that blocks its thread cannot be ended by
//!   anybody; it is reported, and nothing is started beside it. A child that blocks for good belongs
//!   into a thread of its own, [`ChildSpec::blocking`], where it hears that it is to stop.
//! - A process that leaves its group is out of sight, and no destructor runs if this process is
//!   killed: what is left of processes then goes on.
//! - Tasks that a child spawns by itself are not its supervisor's. Hand them the child's
//!   [token](ChildContext::token): it is cancelled when the instance is asked to stop, and when it
//!   has ended.
//! - With `panic = "abort"` a panic ends the process, as everywhere.
//!
//! # Events
//!
//! Every fact is one [`tracing`](https://docs.rs/tracing) event with the target `sage_supervisor`.
//! Its field `event` says which:
//!
//! | `event` | level | fields besides `path` and `child` |
//! |---|---|---|
//! | `start` | debug | `instance`: its number, from 1 on, in this run of its supervisor |
//! | `ready` | debug | |
//! | `exit` | debug; warn if it failed and was not killed on purpose | `reason`, with the sources of an error |
//! | `restart` | info | `reason`, `attempt` (which restart of this child), `group` (how many siblings go along), `delay`, `restarts` (in the window, with this one; 0 if unlimited), `allowed` (absent: unlimited) |
//! | `given_up` | error | `reason`, `allowed`, `within`: the child's own limit |
//! | `stop` | debug | `timeout` (absent: none) |
//! | `kill` | info | `reason` |
//! | `unresponsive` | error | `grace` |
//! | `unresponsive_timeout` | error | `waited` |
//! | `auto_shutdown` | info | `reason`: how the significant child ended |
//! | `restart_limit` | error | `reason`, `restarts`, `allowed`, `within`; `path` is the supervisor's |
//! | `shutdown` | info | `by`, `reason` (absent: none was given); `path` and `child` are those of the supervisor that is asked, the root included |
//! | `signal` | info | `number`; no `path`, no `child` |
//!
//! The same facts are typed [`Event`]s for who [subscribes](SupervisorHandle::subscribe) to a tree.
//!
//! What a process writes has the target `sage_supervisor::process`, and the fields `path` and `stream`.
//!
//! The root of a tree has a `start` and an `exit` as well, without `child`, at level info; its failure
//! is an error.
//!
//! # Features
//!
//! | feature | by default | what it brings |
//! |---|---|---|
//! | `macros` | on | [`supervisor!`](macro@supervisor) and [`#[child]`](attr.child.html) |
//! | `signal` | on | [`Supervisor::run_until_signal`], and tokio's signal handling |
//! | `process` | off | `ChildSpec::command`: children that are processes, and tokio's handling of them |
//! | `serde` | off | `Serialize` for a [`TreeSnapshot`] and a [`Report`] |
#![doc(test(attr(deny(warnings))))]

#[cfg(doc)]
#[doc = include_str!("../docs/contract.md")]
pub mod contract {}

#[cfg(all(doc, feature = "macros"))]
#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

#[cfg(all(doc, feature = "macros"))]
#[doc = include_str!("../docs/erlang.md")]
pub mod erlang {}

mod auto_shutdown;
mod backoff;
mod child;
mod command;
mod contain;
mod dynamic;
mod engine;
mod error;
mod event;
mod exit;
mod handle;
#[cfg(feature = "macros")]
mod macros;
mod partitioned;
pub mod prelude;
#[cfg(feature = "process")]
mod process_exit;
mod report;
mod restart;
mod running;
mod shutdown;
#[cfg(feature = "signal")]
mod signal;
mod strategy;
mod supervisor;
mod task;
mod tree;

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __private;

pub use auto_shutdown::{AutoShutdown, TemporarySiblings};
pub use backoff::Backoff;
#[cfg(feature = "process")]
pub use child::CommandSpec;
pub use child::{BlockingContext, ChildContext, ChildSpec, IntoChild, Lent, OnceChild, Outcome};
pub use command::{ChildState, ChildStatus, CommandError, Counts};
pub use contain::ChildPanic;
pub use dynamic::{DynamicSpec, DynamicSupervisor};
pub use error::{
    FailedStart, GivenUp, InvalidTree, InvalidTreeKind, RestartLimitReached, SageError, SageResult,
    SignificantExit, Unresponsive,
};
pub use event::{Event, EventKind, Events, KillReason, Lagged};
pub use exit::{BoxError, Exit, ExitError, StartFailure};
pub use handle::SupervisorHandle;
#[cfg(feature = "macros")]
#[doc(inline)]
pub use macros::child;
pub use partitioned::PartitionedSupervisor;
#[cfg(feature = "process")]
pub use process_exit::ProcessExit;
pub use report::{
    EndCause, NodeReport, Report, Requester, ShutdownTimeouts, StopSummary, TemporaryChildFailure,
    TemporaryChildFailures,
};
pub use restart::{RestartConfig, RestartPolicy};
pub use running::RunningSupervisor;
pub use shutdown::Shutdown;
pub use strategy::Strategy;
pub use supervisor::Supervisor;
pub use task::{Task, TaskError};
#[cfg(feature = "macros")]
pub use tree::declared::{StaticChild, StaticLimit, StaticTree};
pub use tree::{LimitStatus, NodeKind, PastExit, TreeNode, TreeSnapshot};
