use sage_supervisor::{Supervisor, supervisor};

mod db {
    sage_supervisor::supervisor! {
        fn secret() -> sage_supervisor::Supervisor {
            #[child]
            pool = async |ctx| ctx.cancelled().await,
        }

        pub fn storage() -> sage_supervisor::Supervisor {
            #[child(tree)]
            secret = secret(),
        }
    }
}

supervisor! {
    fn app() -> Supervisor {
        shutdown_budget = "30s",

        #[child(tree)]
        mistyped = db::storag(),

        #[child(tree, shutdown = "20s")]
        private = db::secret(),
    }
}

fn main() {
    drop((app(), db::storage()));
}
