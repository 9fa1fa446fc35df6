//! Named trees for other crates to compose.

use sage_supervisor::{Supervisor, supervisor};

use crate::Puppet;

supervisor! {
    /// Storage: the pool first, then the cache that reads from it.
    ///
    /// It is put together with others in another crate.
    pub fn storage(pool: Puppet, cache: Puppet) -> Supervisor {
        strategy = "rest_for_one",
        max_restarts = 2,

        /// Connections to the database.
        #[child(shutdown = "20s", clone(pool))]
        pool = async move |ctx| pool.act_with(ctx).await,

        #[child(restart = "transient", shutdown = "10s", clone(cache))]
        cache = async move |ctx| cache.act_with(ctx).await,
    }
}

supervisor! {
    /// Has a name of its own.
    pub fn renamed(worker: Puppet) -> Supervisor {
        name = "own",

        #[child(shutdown = "1s", clone(worker))]
        worker = async move |ctx| worker.act_with(ctx).await,
    }
}
