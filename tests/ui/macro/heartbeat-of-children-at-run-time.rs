use sage_supervisor::{DynamicSupervisor, PartitionedSupervisor, supervisor};

fn main() {
    let _ = supervisor! {
        #[child(heartbeat = "10s")]
        sessions = DynamicSupervisor::new(),

        #[child(heartbeat = "10s")]
        rooms = PartitionedSupervisor::indexed(2, |index| DynamicSupervisor::new().max_children(index)),
    };
}
