//! OTP-style supervision trees for tokio.
//!
//! A service is a handful of long-lived tasks: listeners, workers, consumers, schedulers. With this
//! crate, its author declares which tasks run, which of them are restarted after a failure and how
//! often, and how everything stops. The compiler checks the declaration, and an engine carries it out.
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
//!     // Declare a child before the children that depend on it: it starts first and stops last.
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
//! - The [`supervisor!`](macro@supervisor) block declares a tree inline, and
//!   [`#[child]`](attr.child.html) turns an `async fn` into a child. [`Supervisor`] and [`ChildSpec`]
//!   declare the same tree in plain calls, without macros.
//! - [`Supervisor::run`] supervises until everything has ended. [`Supervisor::run_main`] does so
//!   until then, or until Ctrl-C, SIGTERM or SIGHUP, and ends the process with the right code.
//!   [`Supervisor::run_until_signal`] returns the result instead, and [`Supervisor::run_until`] waits for
//!   any future in place of a signal. [`Supervisor::start`] returns an owner, which keeps the tree
//!   running.
//! - A child that takes a [`ChildContext`] learns when it has to stop, and may
//!   [request the shutdown](ChildContext::shutdown_tree) of the whole tree. A value that has to survive
//!   the instances of a child, such as a mailbox, is [lent](ChildSpec::lending) to it.
//! - [`ChildSpec::every`] does the work of a child again and again, at a fixed rate.
//! - [`ChildSpec::blocking`] makes a child of blocking code, with a thread of its own. With the feature
//!   `process`, `ChildSpec::command` makes a child of a program, and `ChildSpec::driver` talks to
//!   it over stdin and stdout.
//! - [Before and after](before_and_after) shows what many services write by hand, and what it is here.
//!   [Reading the errors](errors) helps with the compiler's messages. [Coming from Erlang](erlang) is for
//!   readers who know Erlang or Elixir.
//! - A [`Report`] says why a tree ended, with the facts that its result leaves out. See
//!   [`Supervisor::run_with_report`].
//! - [`RestartPolicy`], [`Strategy`], [`RestartConfig`] and [`Shutdown`] are the policies of a
//!   declaration.
//!
//! # What is guaranteed
//!
//! This is a summary. The [contract] is the whole list of rules, and names the tests that show each
//! rule.
//!
//! - At most one instance of a child is alive at any moment. A new instance starts only after the future
//!   of the old one has been dropped. This holds across group restarts, rebuilt subtrees and repeated
//!   runs of one supervisor as well.
//! - No exit is lost, or charged to another child. Children that exit at the same moment are one group
//!   restart.
//! - A panic in a start function, in a future, in the destructor of a future, or in a clone that
//!   was made for a start is an exit of that child, with the message of the panic, and with its
//!   [place](capture_panic_locations) if the program asks for that. The panic has no other
//!   effect. A panic in the destructor of a captured value or in the `Display` of an error is
//!   contained as well.
//! - An error keeps its type and its source chain up to the error that the whole tree ends with. That
//!   error names the child, its path, the number of restarts, the window, and the last exit. Its texts
//!   tell each cause once, and end whatever the error of a child does.
//! - A value that is [lent](Lent) to a child is held by one instance at a time, and is returned however
//!   that instance ends.
//! - When a supervisor has ended, nothing below it is alive. If something cannot be ended, the result is
//!   [`SageError::Unresponsive`], which names it.
//! - Dropping the future of a run, or the owner of a started tree, ends everything below it.
//! - An exit costs O(1), whatever the number of siblings. An idle tree costs nothing: there is no
//!   polling and no periodic timer.
//!
//! # What is not guaranteed
//!
//! - An abort takes effect only where a task yields. A task that blocks its thread cannot be ended
//!   at all: it is reported, and no other instance is started beside it. Code that blocks for good
//!   belongs into a [`ChildSpec::blocking`] child, which has a thread of its own and can see there
//!   that it has to stop.
//! - A process that leaves its process group is not supervised any more. If the supervisor's own
//!   process is killed, no destructor runs, so the processes that it has started go on.
//! - Tasks that a child spawns by itself are not supervised. Pass them the child's
//!   [token](ChildContext::token): it is cancelled when the instance is asked to stop, and when the
//!   instance has ended.
//! - With `panic = "abort"`, a panic ends the process, as it does everywhere.
//!
//! # Events
//!
//! Everything that happens in a tree is emitted as an event, in two forms: as a
//! [`tracing`](https://docs.rs/tracing) event with the target `sage_supervisor`, and as a typed [`Event`]
//! for [subscribers](SupervisorHandle::tree_events). Both forms have the same fields under the same names.
//!
//! - `path` is the full path of the child that the event is about, such as `shop/storage/writer`.
//! - `child` is the name of that child, the last name in `path`. The field is absent, or `None`, if the
//!   event is about the whole tree; `path` is that of the root then.
//!
//! The other fields depend on the kind of the event, which is the field `event` in `tracing`:
//!
//! | `event` | [`EventKind`] | level | fields besides `path` and `child` |
//! |---|---|---|---|
//! | `start` | [`Started`](EventKind::Started) | debug | `instance`: the number of the instance, from 1 on, in this run of its supervisor |
//! | `ready` | [`Ready`](EventKind::Ready) | debug | |
//! | `exit` | [`Exited`](EventKind::Exited) | debug; warn for a failure that is not a requested kill | `exit`, with the sources of an error; `asked`: whether the instance had been asked to stop, or was killed |
//! | `restart` | [`Restarting`](EventKind::Restarting) | info | `exit`; `attempt`: the number of this restart of the child; `siblings`: the number of siblings that are restarted with it; `delay`; `used`: the restarts that count for the limit, including this one; `allowed`. If this restart does not count, because there is no limit, or because it is delayed and nobody has set the limit, `used` is 0 and `allowed` is absent |
//! | `given_up` | [`ChildGivenUp`](EventKind::ChildGivenUp) | error | `exit`, `used`, `allowed` and `within`, for the child's own restart limit |
//! | `final_error` | [`FinalError`](EventKind::FinalError) | error | `exit`, with the error that no restart can help; `scope`: `child`, `supervisor` or `tree`, which is the part of the tree that ends with it. The `exit` of the instance follows |
//! | `stop` | [`Stopping`](EventKind::Stopping) | debug | `timeout` (absent without a timeout) |
//! | `kill` | [`Killed`](EventKind::Killed) | info | `reason`: the text of a [`KillReason`], such as `brutal kill` or `by hand` |
//! | `unresponsive` | [`Unresponsive`](EventKind::Unresponsive) | error | `grace` |
//! | `unresponsive_timeout` | [`UnresponsiveTimeout`](EventKind::UnresponsiveTimeout) | error | `supervisor`: the path of the supervisor that ends; `waited` |
//! | `auto_shutdown` | [`AutoShutdown`](EventKind::AutoShutdown) | info | `supervisor`: the path of the supervisor that shuts down; `exit` of the significant child |
//! | `restart_limit` | [`RestartLimitReached`](EventKind::RestartLimitReached) | error | `supervisor`: the path of the supervisor that ends; `exit`, `used`, `allowed` and `within`, for its restart limit |
//! | `shutdown` | [`ShutdownRequested`](EventKind::ShutdownRequested) | info | `by`; `reason` (absent if none was given). `path` and `child` are those of the supervisor that was asked |
//! | `signal` | [`Signalled`](EventKind::Signalled) | info | `number`; `effect`: `stop`, `repeat`, `abort` or `handled`. The event is about the whole tree |
//!
//! `used` counts the restarts within the window that are not forgiven, including the restart that the
//! event is about. If that one is refused, `used` is larger than `allowed`.
//!
//! The whole tree has a `start` and an `exit` as well, at level info; its failure is at level error. Its
//! `start` has no `instance`, and no typed form, because nobody can have subscribed before it.
//!
//! The output of a process has the target `sage_supervisor::process`, and the fields `path` and
//! `stream`.
//!
//! # Spans
//!
//! Each instance of a child runs in a `tracing` span, so every line that the child logs says which child
//! it is from:
//!
//! ```text
//! INFO child{path=shop/storage/writer instance=2}: my_service: connected
//! ```
//!
//! - The span is called `child`, and has the target `sage_supervisor`, the level error, and the fields
//!   `path` and `instance`, the number of the instance in this run of its supervisor. No filter by level
//!   takes it away from a line that passes the filter. A filter by target has to let
//!   `sage_supervisor=error` pass.
//! - The start function, the future and its destructors run inside the span; for a thread that is the
//!   whole function. A nested supervisor has no span, and a task that a child spawns by itself is outside
//!   of it.
//! - The span has no parent, so a trace in which a tree is started, or a child is asked for, ends without
//!   them. It is the parent of the spans that the child makes: an instance that serves requests gives
//!   their spans `parent: None`, or is without a span by [`child_spans`](Supervisor::child_spans), if each
//!   request is to be a trace of its own.
//! - Without a subscriber that wants the span, an instance pays for one comparison.
//!
//! If the program is built with `--cfg tokio_unstable`, tokio-console shows the task of each child, and of
//! each supervisor, by its path.
//!
//! # Features
//!
//! | feature | by default | contents |
//! |---|---|---|
//! | `macros` | on | [`supervisor!`](macro@supervisor) and [`#[child]`](attr.child.html) |
//! | `signal` | on | [`Supervisor::run_until_signal`], [`Supervisor::run_main`], and tokio's signal handling |
//! | `process` | off | `ChildSpec::command`, whose children are processes, and tokio's process handling |
//! | `serde` | off | `Serialize` for a [`TreeSnapshot`] and a [`Report`] |
//! | `anyhow` | off | an `anyhow::Error` that a child returns keeps the type of the error in it, see [`Exit::cause`] |
//! | `eyre` | off | the same for an `eyre::Report` |
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

#[cfg(all(doc, feature = "macros"))]
#[doc = include_str!("../docs/before_and_after.md")]
pub mod before_and_after {}

mod backoff;
mod bounded;
#[cfg(feature = "macros")]
pub mod bounds;
mod chain;
mod child;
mod command;
mod contain;
mod dynamic;
mod engine;
mod error;
mod event;
mod exit;
mod handle;
mod lineage;
#[cfg(feature = "macros")]
mod macros;
mod panic_location;
mod partitioned;
mod policy;
pub mod prelude;
#[cfg(feature = "process")]
mod process_exit;
#[cfg(feature = "signal")]
mod put_off;
mod report;
mod returned;
mod running;
mod scope;
#[cfg(feature = "signal")]
mod signal;
mod supervisor;
mod task;
mod tree;
#[cfg(feature = "signal")]
mod until_signal;
mod visible;

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod expansion;

pub use backoff::Backoff;
pub use child::StopReason;
pub use child::{
    BlockingContext, CancelledOwned, ChildContext, ChildSpec, Every, IntoChild, Lent, Loan,
    OnceChild, Outcome,
};
#[cfg(feature = "process")]
pub use child::{
    CommandSpec, ParseProcessSignalError, ProcessIo, ProcessSignal, ProcessStdin, ProcessStdout,
};
pub use command::{
    ChildState, ChildStatus, CommandError, Counts, Reload, ReloadFailure, SupervisorState,
};
pub use contain::ChildPanic;
pub use dynamic::{DynamicSpec, DynamicSupervisor, Permit, StartError};
pub use error::{
    FailedStart, FailureScope, FinalError, GivenUp, InvalidTree, InvalidTreeKind,
    RestartLimitReached, SageError, SageResult, SignificantExit, UncleanStop, Unresponsive,
};
pub use event::{Event, EventKind, Events, KillReason, Lagged, SignalEffect};
pub use exit::{BoxError, Exit, ExitError, StartFailure};
pub use handle::SupervisorHandle;
#[cfg(feature = "macros")]
#[doc(inline)]
pub use macros::child;
pub use panic_location::{PanicLocation, capture_panic_locations};
pub use partitioned::PartitionedSupervisor;
#[doc(inline)]
pub use policy::{
    AutoShutdown, Order, RestartConfig, RestartPolicy, Shutdown, Strategy, TemporarySiblings,
};
#[cfg(feature = "macros")]
#[doc(inline)]
pub use policy::{DeclaredChild, DeclaredLimit, DeclaredTree};
#[cfg(feature = "process")]
pub use process_exit::{ProcessExit, ProcessStatusLost};
pub use report::{
    ChildPaths, EndCause, NodeReport, Report, Requester, StopFailure, StopFailures, StopSummary,
    TemporaryChildFailure, TemporaryChildFailures,
};
pub use running::RunningSupervisor;
pub use supervisor::Supervisor;
pub use task::{Task, TaskBuilder, TaskError, TaskStream};
pub use tree::{EveryStatus, LimitStatus, NodeKind, PastExit, TreeNode, TreeSnapshot};
#[cfg(feature = "signal")]
pub use until_signal::UntilSignal;
