use sage_supervisor::{DynamicSupervisor, supervisor};

fn main() {
    let _ = supervisor! {
        #[child(heartbeat = "10s")]
        sessions = DynamicSupervisor::new(),
    };
}
