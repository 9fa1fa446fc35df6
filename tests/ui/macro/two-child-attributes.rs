use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = "transient")]
        #[child(shutdown = "5s")]
        worker = |_| async {},
    };
}
