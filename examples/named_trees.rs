//! Trees that are declared as functions, nested into each other, and checked together at compile time.
//!
//! Raise the `20s` below to `40s` and build: the error message draws the tree.

use sage_supervisor::prelude::*;
use tokio::sync::mpsc;

supervisor! {
    /// Storage: the pool first, then the cache that reads from it.
    pub fn storage(url: String) -> Supervisor {
        strategy = "rest_for_one",
        max_restarts = 3,
        within = "10s",

        /// Connections to the database.
        #[child(shutdown = "20s", clone(url))]
        pool = async move |ctx| {
            println!("{} connects to {url}", ctx.path());
            ctx.cancelled().await;
        },

        /// A cache of the pool. There is nothing to finish in it, so it is aborted.
        #[child(shutdown = "brutal_kill")]
        cache = async |ctx| ctx.cancelled().await,
    }

    /// The service.
    pub fn shop(url: String, done: mpsc::Sender<()>) -> Supervisor {
        // The sum is 20 s of the pool and 5 s of the front: `tree` includes the nested tree.
        shutdown_budget = "30s",

        #[child(tree)]
        storage = storage(url),

        #[child(restart = "transient", clone(done))]
        front = async move |ctx| {
            println!("{} serves", ctx.path());
            // `main` waits for the first of these messages. Later ones may find no room, or no reader.
            let _ = done.try_send(());
            ctx.cancelled().await;
        },
    }
}

// The analyses of a declared tree are constants, so assertions about them are checked at compile time.
const _: () = shop::TREE.assert_fits_within_ms(30_000);
const _: () = assert!(shop::TREE.max_starts("storage/pool") <= 24);

#[tokio::main(flavor = "current_thread")]
async fn main() -> SageResult<()> {
    println!("{}\n", shop::TREE);
    let (done, mut is_done) = mpsc::channel(1);
    let running = shop("postgres://localhost".to_owned(), done).start();
    is_done.recv().await;
    running.shutdown().await
}
