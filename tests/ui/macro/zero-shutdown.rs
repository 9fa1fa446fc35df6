use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown = "0s")]
        worker = |_| async {},
    };
}
