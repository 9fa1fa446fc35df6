use sage_supervisor::supervisor;

mod storage {
    sage_supervisor::supervisor! {
        pub fn storage() -> sage_supervisor::Supervisor {
            #[child]
            pool = async |ctx| ctx.cancelled().await,
        }
    }
}

use storage::storage;

mod elsewhere {
    pub mod storage {}

    pub fn storage() -> sage_supervisor::Supervisor {
        crate::storage::storage()
    }
}

fn main() {
    drop(storage());
    drop(supervisor! {
        shutdown_budget = "10s",

        #[child(tree, shutdown = "5s")]
        storage = elsewhere::storage(),
    });
}
