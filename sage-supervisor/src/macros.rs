//! The macros, and their documentation.

/// Declares a supervision tree, and checks it while it compiles.
///
/// The block is an expression of type [`Supervisor`](crate::Supervisor). It says what
/// [`Supervisor::new`](crate::Supervisor::new) and its methods say, in one place, and every word,
/// time, name and limit in it is checked by the compiler: all mistakes are reported at once, each at
/// the token to change.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{BoxError, ChildContext, supervisor};
///
/// #[derive(Clone)]
/// struct Db;
///
/// impl Db {
///     async fn ping(&self) -> std::io::Result<()> {
///         Ok(())
///     }
/// }
///
/// async fn cache(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), BoxError> {
/// let db = Db;
/// let app = supervisor! {
///     name = "app",
///     strategy = "rest_for_one",
///     max_restarts = 3,
///     within = "5s",
///     shutdown_budget = "30s",
///
///     // A nested supervisor, checked together with its parent.
///     #[child]
///     storage = supervisor! {
///         strategy = "one_for_all",
///
///         #[child(shutdown = "10s", clone(db))]
///         pool = async move |ctx| {
///             while !ctx.is_cancelled() {
///                 db.ping().await?;
///                 tokio::time::sleep(std::time::Duration::from_secs(1)).await;
///             }
///             Ok(())
///         },
///
///         #[child(shutdown = "brutal_kill")]
///         cache = cache,
///     },
///
///     #[child(restart = "transient")]
///     greeter = async |ctx| println!("{} says hello", ctx.path()),
/// };
///
/// let running = app.start();
/// # tokio::time::sleep(std::time::Duration::from_secs(1)).await;
/// running.shutdown().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Grammar
///
/// Settings come first, then the children in start order. Order is meaning: children start one
/// after another in this order and stop in the opposite one. An entry is a child if and only if it
/// carries `#[child]`.
///
/// ```text
/// block   = { setting "," } { child "," }
/// setting = key "=" value | backoff
/// child   = { attribute } "#[child" [ "(" option { "," option } ")" ] "]" name "=" start
/// option  = key "=" value | "significant" | ( "clone" | "lend" ) "(" name { "," name } ")" | backoff
/// backoff = "backoff(" key "=" value { "," key "=" value } ")"
/// ```
///
/// A value is a literal, which the macro checks, or any other expression, which is typed by the
/// compiler and is unknown to the checks of the whole tree: `restart = config.restart`.
///
/// ## Settings
///
/// | setting | value | default |
/// |---|---|---|
/// | `name` | a string | the name of its entry; at the root `root` |
/// | `strategy` | `"one_for_one"`, `"one_for_all"`, `"rest_for_one"`, or a [`Strategy`] | `"one_for_one"` |
/// | `max_restarts` | a number of restarts, `"unlimited"`, or a `u32` expression | 5 |
/// | `within` | a time longer than zero, or a [`Duration`](std::time::Duration): the window `max_restarts` counts in | `"60s"` |
/// | `backoff(..)` | [how long restarts wait](#backoff), of all children that say nothing else; or `backoff = ..` | they do not wait |
/// | `auto_shutdown` | `"never"`, `"any_significant"`, `"all_significant"`, or an [`AutoShutdown`]: whether it ends with its `significant` children | `"never"` |
/// | `keep_alive` | `true` or `false`, or a `bool` expression: whether it stays up when all children have ended for good | `false` |
/// | `temporary_siblings` | `"restart"`, `"remove"`, or a [`TemporarySiblings`]: what becomes of temporary children in the restart of their group | `"restart"` |
/// | `kill_grace` | a time of at least a millisecond, or a [`Duration`](std::time::Duration): how long an aborted task may take to end | the parent's; at the root `"1s"` |
/// | `give_up_after` | a time, or a [`Duration`](std::time::Duration): how long a restart waits for a task that does not end | the parent's; at the root `"30s"` |
/// | `shutdown_budget` | a literal time: what the whole tree may need to stop | not checked |
///
/// ## Options of a child
///
/// | option | value | default |
/// |---|---|---|
/// | `restart` | `"permanent"`, `"transient"`, `"temporary"`, or a [`RestartPolicy`] | what the start says, else `"permanent"`; `"transient"` for a supervisor |
/// | `shutdown` | a time, `"brutal_kill"`, `"infinity"`, a [`Shutdown`] or a [`Duration`](std::time::Duration) | what the start says, else `"5s"`; `"infinity"` for a supervisor |
/// | `ready_within` | a time longer than zero, or a [`Duration`](std::time::Duration), until the child has called [`ChildContext::ready`]; not on a nested block | what the start says, else it is ready when it is started |
/// | `heartbeat` | a time longer than zero, or a [`Duration`](std::time::Duration): the child calls [`ChildContext::heartbeat`] at least this often, or it is aborted and counts as failed; not on a nested block | what the start says, else nobody listens |
/// | `max_restarts` | a number of restarts, or a `u32` expression: more of them within `within`, and this child alone is given up (those up to there count for its supervisor too), see [`ChildSpec::restart_limit`] | what the start says, else it has no limit; 5 where only `within` is written |
/// | `within` | a time longer than zero, or a [`Duration`](std::time::Duration): the window of that limit | what the start says, else it has no limit; `"60s"` where only `max_restarts` is written |
/// | `backoff(..)` | [how long its restarts wait](#backoff); or `backoff = ..` | what the start says, else its supervisor's |
/// | `significant` | stands alone: the end of this child can be that of its supervisor, see `auto_shutdown` | what the start says, else it is not |
/// | `clone(a, b)` | names of the surrounding scope, each cloned at every start | nothing |
/// | `lend(a, b)` | names of the surrounding scope, each [lent](#lent-values) to one instance after the other | nothing |
///
/// A time is a whole number and a unit: `"500ms"`, `"5s"`, `"2m"`, `"1h"`.
///
/// An option that is not written is not set, so it never overrides what a [`ChildSpec`] itself
/// says.
///
/// ## Backoff
///
/// Delays that grow from failure to failure, see [`Backoff`]. Those of a supervisor hold for each
/// child without a backoff of its own, and each child counts its own failures.
///
/// | argument | value | default |
/// |---|---|---|
/// | `initial` | a time longer than zero, or a [`Duration`](std::time::Duration): the first delay | has to be written |
/// | `max` | a time not below `initial`, or a [`Duration`](std::time::Duration): the longest delay | `"1m"` |
/// | `factor` | a number from 1 on, or an `f64` expression: how much longer each delay is than the one before | 2 |
/// | `jitter` | a number from 0 to 1, or an `f64` expression: the part of each delay that is left to chance | 0.1 |
/// | `reset_after` | a time longer than zero, or a [`Duration`](std::time::Duration): how long an instance must be up for the failures before it to be forgotten | `"1m"` |
///
/// In its place may stand `backoff = ..` with any expression that is a [`Backoff`], or a function of
/// the number of failures in a row.
///
/// ```
/// use std::time::Duration;
///
/// use sage_supervisor::{ChildContext, supervisor};
///
/// async fn bot(ctx: ChildContext) -> std::io::Result<()> {
///     while !ctx.is_cancelled() {
///         tokio::time::sleep(Duration::from_secs(1)).await; // talk to the server
///         ctx.heartbeat();
///     }
///     Ok(())
/// }
///
/// let app = supervisor! {
///     backoff(initial = "1s", max = "1m", factor = 2, jitter = 0.1, reset_after = "1m"),
///
///     // Aborted and restarted after 10 s of silence.
///     #[child(heartbeat = "10s")]
///     bot = bot,
///
///     // With the fourth failure within a minute it is given up, and `bot` stays up.
///     #[child(max_restarts = 3, within = "1m", backoff(initial = "500ms", max = "5s"))]
///     metrics = async |_| Err("the collector is away"),
///
///     #[child(backoff = |failures| Duration::from_millis(100) * failures)]
///     cache = async |ctx| ctx.cancelled().await,
/// };
/// # drop(app);
/// ```
///
/// `#[cfg(..)]` and lint attributes may stand on a child, and so may doc comments. Children may share
/// a name if each carries a `#[cfg(..)]` of its own, of which one at most holds. The name of a child
/// is an identifier; `r#match` names it `match`.
///
/// ## Starts
///
/// - **A closure** that takes the [`ChildContext`] and returns a future, or an async closure. It is
///   called at every start. It ends with `()`, with a `Result<(), E>`, or never. For `E` see
///   [below](#errors-of-a-closure).
/// - **A nested `supervisor! { .. }`**, which becomes part of this tree. A `name` in it overrides
///   the name of its entry. `.keep_alive(..)`, `.kill_grace(..)` and `.give_up_after(..)` may follow
///   it; with any other method it is an expression like those below.
/// - **Any other expression**, which is evaluated once, and is [`IntoChild`]: the path of an
///   `async fn(ChildContext)`, a [`ChildSpec`] such as a [`#[child]`](attr.child.html) function
///   returns, a [`Supervisor`](crate::Supervisor), a
///   [`DynamicSupervisor`](crate::DynamicSupervisor) or a
///   [`PartitionedSupervisor`](crate::PartitionedSupervisor). A child that blocks is a
///   [`ChildSpec::blocking`](crate::ChildSpec::blocking).
///
/// ```
/// use sage_supervisor::{BlockingContext, ChildContext, ChildSpec, DynamicSupervisor};
/// use sage_supervisor::{child, supervisor};
///
/// async fn listener(ctx: ChildContext) {
///     ctx.cancelled().await;
/// }
///
/// #[child]
/// async fn pinger(ctx: ChildContext, address: &'static str) {
///     println!("{} pings {address}", ctx.path());
/// }
///
/// fn index(ctx: BlockingContext) {
///     while !ctx.is_cancelled() {}
/// }
///
/// let sessions = DynamicSupervisor::new();
/// let app = supervisor! {
///     #[child]
///     listener = listener, // an `async fn` is named: it is called at every start
///
///     #[child]
///     pinger = pinger("::1"), // a `#[child]` function is called: it makes a spec
///
///     #[child]
///     sessions = sessions.clone(), // the original starts children in it
///
///     #[child]
///     index = ChildSpec::blocking("index", index),
/// };
/// # drop(app);
/// ```
///
/// Children made in a loop are added to the block: `supervisor! { .. }.children(..)`. With
/// `keep_alive = true` it may be empty. Children that start on demand belong to a
/// [`DynamicSupervisor`](crate::DynamicSupervisor).
///
/// ## Errors of a closure
///
/// The error type of a closure is the one its own outcomes bring along, and [`BoxError`] where they
/// leave it open. Its outcomes are its last expression, through the branches of `if`, `match`,
/// `select!` and a `loop` with its `break`s, what stands behind `return`, and every `?`. What inner
/// closures, `async` blocks and functions contain is their own; of a closure that returns a future,
/// only the `async` block it ends with counts.
///
/// | outcome | error type |
/// |---|---|
/// | `Ok(())`, `io()?`, `Err(error)?` | left open |
/// | `Err(error.into())`, `result.map_err(Into::into)`, `pending().await` | left open |
/// | `Err(MyError)`, `Err(error)`, `Err("text")` | that of the error |
/// | `Ok::<(), MyError>(())` | the one that is written |
/// | `serve(ctx).await`, and any other expression | that of the expression |
///
/// One outcome with an error type decides for all; every `?` then converts into it. A closure may
/// also write its return type, `async |ctx| -> Result<(), MyError> { .. }`, which settles it.
///
/// ```
/// use sage_supervisor::supervisor;
///
/// # async fn poll() -> std::io::Result<()> { Ok(()) }
/// let app = supervisor! {
///     // `BoxError`: nothing else is said.
///     #[child]
///     poller = async |_| {
///         poll().await?;
///         Err("the feed has ended".into())
///     },
///
///     // `std::io::Error`
///     #[child]
///     checker = async |ctx| {
///         poll().await?;
///         if ctx.restarts() > 3 {
///             return Err(std::io::Error::other("still no feed"));
///         }
///         Ok(())
///     },
/// };
/// # drop(app);
/// ```
///
/// ## Captured values
///
/// A closure is called again at every restart, so it cannot give away what it captured. With
/// `clone(a, b)` every start gets clones of its own, which the closure may consume; the originals
/// stay usable behind the block. The values must be `Clone + Send + Sync + 'static`. An async
/// closure that is handed clones is written `async move |ctx| ..`. What is `Copy` needs no `clone`:
/// every start of such a closure has a copy of its own.
///
/// ```
/// use sage_supervisor::supervisor;
///
/// let greeting = String::from("hello");
/// let app = supervisor! {
///     #[child(restart = "temporary", clone(greeting))]
///     greeter = async move |_| drop(greeting),
/// };
/// println!("{greeting}");
/// # drop(app);
/// ```
///
/// ## Lent values
///
/// With `lend(a, b)` the values themselves belong to the child. Each of its instances holds them in
/// turn, as `a: Lent<A>` and `b: Lent<B>`, which can be changed, and the next one finds them as they
/// were left, see [`Lent`]. The values must be `Send + 'static`. What is lent to one child cannot be
/// lent to another, nor cloned into the same; `clone(..)` of other names may stand beside it.
///
/// ```
/// use sage_supervisor::supervisor;
/// use tokio::sync::mpsc;
///
/// let (orders, inbox) = mpsc::channel::<u32>(8);
/// let name = "reader".to_owned();
/// let app = supervisor! {
///     #[child(lend(inbox), clone(name))]
///     reader = async move |_| {
///         while let Some(order) = inbox.recv().await {
///             println!("{name}: {order}");
///         }
///     },
/// };
/// # drop((app, orders));
/// ```
///
/// # What is checked
///
/// Besides single words: that names are unique among siblings, that a block has children or stays
/// up without them, that a limit can be reached, that a nested supervisor is given as much time as
/// its own children may need, and that it is not killed brutally.
///
/// That a significant child is not permanent and has an `auto_shutdown` it matters to, and that
/// `auto_shutdown` has a significant child where every child is a closure or a nested block. Any
/// other start may be significant by itself, so it is not missed then; nor is it where
/// `auto_shutdown` is an expression, such as `AutoShutdown::AnySignificant`, because the child is
/// added to the block later on. That `temporary_siblings` stands where siblings are restarted
/// together, which is not so under `one_for_one`.
///
/// That a limit can be exceeded with the delays of a `backoff`: where the shortest delays between
/// one restart more than it allows take longer than its window, it holds nobody back. For a
/// supervisor this is checked where something of its limit is written, and the delays of every child
/// that is restarted are known: those of a closure or a nested block, and any that are written at an
/// entry. It is not checked with `keep_alive`, which waits for other children, nor where siblings under
/// `rest_for_one` may start a child before its time. Children that are added to the block by
/// `.children(..)` or by hand are not seen. A limit that is written as an expression, as
/// `max_restarts = u32::from(5_u8)`, is never refused.
///
/// That a temporary child under `one_for_one`, which is never restarted, has no `max_restarts`,
/// `within` or `backoff`.
///
/// With `shutdown_budget`, the worst case of a shutdown: children stop one after another, so it is
/// the sum over the tree. A nested supervisor counts as the sum of its own children, unless it is
/// given a time; `"brutal_kill"` counts as nothing. A worker with `"infinity"`, or with a time
/// that is only known at run time, has no bound. The time of a start that is neither a closure nor
/// a nested block is not known, unless its `shutdown` is written at the entry: what a
/// [`#[child]`](attr.child.html) function says cannot be seen from the block. Of children that share a
/// name under `#[cfg(..)]` only the longest counts. The sum is not checked as long as there are
/// other mistakes in the block. A tree over its budget is drawn in the error:
///
/// ```compile_fail
/// # use sage_supervisor::supervisor;
/// let app = supervisor! {
///     shutdown_budget = "10s", // error: the tree may need 25s to shut down, the budget is 10s
///
///     #[child(shutdown = "20s")]
///     writer = async |ctx| ctx.cancelled().await,
///
///     #[child]
///     reader = async |ctx| ctx.cancelled().await,
/// };
/// ```
///
/// # Named trees
///
/// Where an item can stand, the macro declares functions whose bodies are blocks. Such a function is
/// called as any other, and what it returns is known without a call: beside the function `storage`
/// stands the constant `storage::TREE`, a [`StaticTree`](crate::StaticTree), and its documentation
/// ends with a drawing of the tree.
///
/// ```
/// use sage_supervisor::prelude::*;
///
/// #[derive(Clone)]
/// pub struct Config;
///
/// supervisor! {
///     /// Storage: the pool first, then the cache that reads from it.
///     pub fn storage(config: Config) -> Supervisor {
///         strategy = "rest_for_one",
///
///         /// Connections to the database.
///         #[child(shutdown = "20s", clone(config))]
///         pool = async move |ctx| {
///             let _ = config; // connect
///             ctx.cancelled().await;
///         },
///
///         #[child(shutdown = "brutal_kill")]
///         cache = async |ctx| ctx.cancelled().await,
///     }
///
///     pub fn app(config: Config) -> Supervisor {
///         shutdown_budget = "30s", // that of `storage` is counted, wherever it was declared
///
///         #[child(tree)]
///         storage = storage(config),
///
///         #[child]
///         web = async |ctx| ctx.cancelled().await,
///     }
/// }
///
/// const _: () = storage::TREE.assert_fits_within_ms(30_000);
/// const _: () = assert!(app::TREE.max_starts("storage/pool") == 6 * 6);
///
/// assert_eq!(app::TREE.to_string(), "\
/// app          one_for_one, 5 restarts in 1m, 25s to stop
/// ├─ storage   transient  20s to stop   6 starts
/// │  ├─ pool   permanent  20s to stop  36 starts  Connections to the database.
/// │  └─ cache  permanent   0s to stop  36 starts
/// └─ web       permanent   5s to stop   6 starts");
/// # drop(app(Config));
/// ```
///
/// - Any number of functions may stand in one `supervisor! { .. }`, at the level of a module or in the
///   body of a function. They may be generic and take any arguments, also patterns; they have the
///   attributes and the visibility they are written with, and return a type that is called
///   `Supervisor`. A method cannot be declared like that.
/// - The body is a block without `let`: what it needs is an argument.
/// - `TREE` belongs to an empty enum of the same name. So that a link in the documentation leads to
///   the function, it is written ``[`storage()`]``. Whoever imports the function imports both.
/// - At the root of a tree it is called as its function, unless it has a `name`. As an entry it is
///   called as that, like every supervisor.
/// - The first paragraph of the documentation of the function is the description of the tree, that of
///   a child is its description.
/// - A `#[cfg(..)]` on a child holds in `TREE` as well. In the drawing it takes away the lines of the
///   child; times and branches are drawn as if all children were there.
///
/// A parent that lists the call of a named tree as `#[child(tree)]` is checked together with it, also
/// across crates, in a named tree and in a block in place: a `shutdown_budget` counts what is below,
/// and a `shutdown` that is written at the entry has to be enough for it. `tree` stands on the call of
/// a function by its path, `db::storage::<T>(config)`, which `.keep_alive(..)`, `.kill_grace(..)` and
/// `.give_up_after(..)` may follow. What cannot be seen from the block itself is checked when the
/// compiler evaluates constants, so it is told by `cargo check` and not while typing:
///
/// ```compile_fail,E0080
/// use sage_supervisor::prelude::*;
///
/// supervisor! {
///     fn storage() -> Supervisor {
///         #[child(shutdown = "20s")]
///         pool = async |ctx| ctx.cancelled().await,
///     }
/// }
///
/// let app = supervisor! {
///     shutdown_budget = "10s", // error: `supervisor` may need 20s to shut down, the budget is 10s
///
///     #[child(tree)]
///     storage = storage(),
/// };
/// ```
///
/// Without `tree` such a call is a value like any other.
///
/// # Formatting
///
/// `supervisor!( .. )` is the same macro, and rustfmt formats it as long as no doc comment stands
/// inside.
///
/// [`AutoShutdown`]: crate::AutoShutdown
/// [`Backoff`]: crate::Backoff
/// [`BoxError`]: crate::BoxError
/// [`ChildContext`]: crate::ChildContext
/// [`ChildContext::heartbeat`]: crate::ChildContext::heartbeat
/// [`ChildContext::ready`]: crate::ChildContext::ready
/// [`ChildSpec`]: crate::ChildSpec
/// [`ChildSpec::restart_limit`]: crate::ChildSpec::restart_limit
/// [`IntoChild`]: crate::IntoChild
/// [`Lent`]: crate::Lent
/// [`RestartPolicy`]: crate::RestartPolicy
/// [`Shutdown`]: crate::Shutdown
/// [`Strategy`]: crate::Strategy
/// [`TemporarySiblings`]: crate::TemporarySiblings
#[macro_export]
macro_rules! supervisor {
    ($($tokens:tt)*) => {
        $crate::__private::supervisor_impl! { { $crate } $($tokens)* }
    };
}

/// Turns an `async fn` into a constructor of [`ChildSpec`](crate::ChildSpec)s.
///
/// The policy stands with the code it describes. The function takes the
/// [`ChildContext`](crate::ChildContext) first, and then whatever the child needs; the constructor
/// takes only the latter. The name of the spec is the name of the function.
///
/// Every start gets a clone of each argument, so arguments are `Clone + Send + Sync + 'static`. An
/// argument cannot carry a `#[cfg(..)]`; the function can.
///
/// An argument of type [`Lent<T>`](crate::Lent) is lent instead: the constructor takes a `T`, which
/// need only be `Send + 'static`, and its instances hold it in turn. The type has to be written like
/// that, also behind a path; an alias of it is taken for an argument to be cloned.
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, Lent, child};
/// use tokio::sync::mpsc;
///
/// #[child]
/// async fn reader(_: ChildContext, name: String, mut inbox: Lent<mpsc::Receiver<u32>>) {
///     while let Some(order) = inbox.recv().await {
///         println!("{name}: {order}");
///     }
/// }
///
/// let (orders, inbox) = mpsc::channel(8);
/// let spec: ChildSpec = reader("reader".to_owned(), inbox);
/// # drop((spec, orders));
/// ```
///
/// The result can stand in a [`supervisor!`](crate::supervisor) block, where options that are
/// written at the entry override those of the function, or be added with
/// [`Supervisor::child`](crate::Supervisor::child). A block with a `shutdown_budget` cannot see what the
/// function says, so `shutdown` is written again at its entry.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use sage_supervisor::{ChildContext, RestartPolicy, child, supervisor};
///
/// /// Prints a line every so often.
/// #[child(restart = "transient", shutdown = "2s")]
/// async fn ticker(ctx: ChildContext, line: String, every: Duration) {
///     while !ctx.is_cancelled() {
///         println!("{line}");
///         tokio::time::sleep(every).await;
///     }
/// }
///
/// // `ticker` is now `fn ticker(line: String, every: Duration) -> ChildSpec`.
/// let spec = ticker("tick".into(), Duration::from_secs(1));
/// assert_eq!(spec.restart_policy(), RestartPolicy::Transient);
///
/// let app = supervisor! {
///     #[child]
///     fast = ticker("tick".into(), Duration::from_millis(100)),
///
///     #[child(restart = "permanent")]
///     slow = ticker("tock".into(), Duration::from_secs(60)),
/// };
/// # drop(app);
/// ```
///
/// # Options
///
/// | option | value | default |
/// |---|---|---|
/// | `restart` | `"permanent"`, `"transient"`, `"temporary"`, or a [`RestartPolicy`](crate::RestartPolicy) | `"permanent"` |
/// | `shutdown` | a time such as `"5s"`, `"brutal_kill"`, `"infinity"`, a [`Shutdown`](crate::Shutdown) or a [`Duration`](std::time::Duration) | `"5s"` |
/// | `ready_within` | a time longer than zero, or a [`Duration`](std::time::Duration), until the child has called [`ChildContext::ready`](crate::ChildContext::ready) | it is ready when it is started |
/// | `heartbeat` | a time longer than zero, or a [`Duration`](std::time::Duration): the child calls [`ChildContext::heartbeat`](crate::ChildContext::heartbeat) at least this often, or it is aborted and counts as failed | nobody listens |
/// | `max_restarts` | a number of restarts, or a `u32` expression: more of them within `within`, and this child alone is given up (those up to there count for its supervisor too), see [`ChildSpec::restart_limit`](crate::ChildSpec::restart_limit) | no limit of its own; 5 where only `within` is written |
/// | `within` | a time longer than zero, or a [`Duration`](std::time::Duration): the window of that limit | no limit of its own; `"60s"` where only `max_restarts` is written |
/// | `backoff(..)` | [how long its restarts wait](macro.supervisor.html#backoff); or `backoff = ..` | its supervisor's |
/// | `significant` | stands alone, with a `restart` that is not permanent: its end can be that of its supervisor, see [`AutoShutdown`](crate::AutoShutdown) | it is not |
/// | `crate` | the path of this crate, where it is not `::sage_supervisor` | `::sage_supervisor` |
///
/// Visibility, generics and documentation stay with the constructor, and so do `cfg`, `deprecated`,
/// `must_use` and lint attributes. Other attributes, such as `#[tracing::instrument]`, stay with
/// the `async fn`, which lives inside of the constructor; there it cannot name `Self`.
pub use sage_supervisor_macros::child;
