#![deny(warnings)]

use std::time::Duration;

use sage_supervisor::{ChildContext, RestartPolicy, Shutdown, Strategy, supervisor};

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

struct Config {
    name: String,
    strategy: Strategy,
    max_restarts: u32,
    within: Duration,
    restart: RestartPolicy,
    grace: Duration,
}

macro_rules! wrapped {
    ($policy:literal, $time:expr, $start:expr) => {
        supervisor! {
            within = $time,

            #[child(restart = $policy, shutdown = $time)]
            worker = $start,
        }
    };
}

fn main() {
    let config = Config {
        name: "app".to_owned(),
        strategy: Strategy::RestForOne,
        max_restarts: 3,
        within: Duration::from_secs(5),
        restart: RestartPolicy::Transient,
        grace: Duration::from_millis(500),
    };
    drop(supervisor! {
        name = config.name,
        strategy = config.strategy,
        max_restarts = config.max_restarts,
        within = config.within,

        #[child(restart = config.restart, shutdown = config.grace)]
        worker = worker,

        #[child(shutdown = Shutdown::BrutalKill)]
        brutal = worker,
    });

    drop(supervisor! {
        name = "app",
        strategy = "one_for_all",
        max_restarts = "unlimited",
        shutdown_budget = "41s",

        #[child]
        storage = supervisor! {
            name = "db",
            strategy = "rest_for_one",
            max_restarts = 0,
            within = "2m",

            #[child(shutdown = "20s", restart = "temporary")]
            pool = worker,

            #[child(shutdown = "brutal_kill")]
            cache = worker,
        },

        #[child(shutdown = "20s", restart = "permanent")]
        reports = supervisor! {
            #[child(shutdown = "infinity")]
            writer = worker,
        },

        #[child(shutdown = "1s")]
        listener = worker,
    });

    // The rest of the settings is optional, and so is the last comma.
    drop(sage_supervisor::supervisor!(#[child] worker = |_| async {}));
    drop(sage_supervisor::supervisor![max_restarts = 3, #[child] r#type = worker]);

    drop(wrapped!("transient", "5s", |_| async {}));
}
