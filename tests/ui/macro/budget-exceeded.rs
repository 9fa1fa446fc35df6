use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name = "app",
        shutdown_budget = "30s",

        #[child]
        storage = supervisor! {
            #[child(shutdown = "20s")]
            pool = |_| async {},

            #[child(shutdown = "brutal_kill")]
            cache = |_| async {},
        },

        #[child(shutdown = "1m")]
        reports = supervisor! {
            #[child(shutdown = "infinity")]
            writer = |_| async {},
        },

        #[child]
        listener = |_| async {},
    };
}
