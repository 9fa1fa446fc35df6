use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = "permanent", restart = "transient")]
        worker = |_| async {},
    };
}
