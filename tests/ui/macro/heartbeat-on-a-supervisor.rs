use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(heartbeat = "10s")]
        jobs = supervisor! {
            #[child]
            job = |_| async {},
        },
    };
}
