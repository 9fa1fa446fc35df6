use sage_supervisor::{DynamicSupervisor, supervisor};

fn main() {
    let _ = supervisor! {
        shutdown_budget = "30s",

        #[child]
        sessions = DynamicSupervisor::new().max_children(10),

        #[child]
        storage = supervisor! {
            #[child]
            pool = |_| async {},
        }
        .child("cache", |_| async {}),
    };
}
