use sage_supervisor::{DynamicSupervisor, supervisor};

fn main() {
    let _ = supervisor! {
        #[child(shutdown = "brutal_kill")]
        sessions = DynamicSupervisor::new(),
    };
}
