use sage_supervisor::prelude::*;

supervisor! {
    /// The pool first, then the cache that reads from it.
    pub fn storage(url: String) -> Supervisor {
        max_restarts = 3,

        /// Connections to the database.
        #[child(shutdown = "20s", clone(url))]
        pool = async move |ctx| {
            println!("connecting to {url}");
            ctx.cancelled().await;
        },

        #[child(shutdown = "brutal_kill")]
        cache = async |ctx| ctx.cancelled().await,
    }

    pub fn shop(url: String) -> Supervisor {
        #[child(tree)]
        storage = storage(url),

        #[child]
        front = async |ctx| ctx.cancelled().await,
    }
}

const _: () = shop::TREE.assert_fits_within_ms(20_000);
const _: () = assert!(shop::TREE.max_starts("storage/pool") <= 24);

fn main() {
    drop(shop(String::new()));
}
