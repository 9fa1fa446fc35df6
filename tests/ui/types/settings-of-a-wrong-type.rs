use std::time::Duration;

use sage_supervisor::{RestartPolicy, supervisor};

fn main() {
    let grace = Duration::from_secs(1);
    let _ = supervisor! {
        strategy = "one_for_all",
        keep_alive = grace,
        auto_shutdown = RestartPolicy::Transient,
        temporary_siblings = grace,
        kill_grace = Some(grace),
        unresponsive_timeout = grace.as_secs(),

        #[child(ready_within = Some(grace))]
        worker = |_| async {},
    };
}
