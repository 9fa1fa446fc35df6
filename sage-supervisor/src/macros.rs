//! The macros. The syntax is documented in `docs/supervisor.md` and `docs/child.md`. Editors show
//! the documentation below.

/// Declares a supervision tree, and checks it while it compiles.
///
/// The block is an expression of type [`Supervisor`](crate::Supervisor). It declares in one place
/// what [`Supervisor::new`](crate::Supervisor::new) and the methods of a supervisor would set. The
/// compiler checks every word, time, name and limit in the block. All mistakes are reported at
/// once, each at the token to change.
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
#[doc = include_str!("../docs/supervisor.md")]
#[macro_export]
macro_rules! supervisor {
    ($($tokens:tt)*) => {
        $crate::expansion::supervisor_impl! { { $crate } $($tokens)* }
    };
}

/// Turns an `async fn` into a constructor of [`ChildSpec`](crate::ChildSpec)s.
///
#[doc = include_str!("../docs/child.md")]
pub use sage_supervisor_macros::child;
