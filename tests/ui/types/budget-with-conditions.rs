use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn app() -> Supervisor {
        shutdown_budget = "24s",

        #[cfg(all())]
        #[child(shutdown = "20s")]
        signals = |_| async {},

        #[cfg(any())]
        #[child(shutdown = "1h")]
        signals = |_| async {},

        #[child]
        worker = |_| async {},
    }
}

fn main() {
    drop(app());
    drop(supervisor! {
        #[child(shutdown = "3s")]
        storage = supervisor! {
            #[cfg(all())]
            #[child]
            pool = |_| async {},

            #[cfg(any())]
            #[child(shutdown = "infinity")]
            cache = |_| async {},
        },
    });
}
