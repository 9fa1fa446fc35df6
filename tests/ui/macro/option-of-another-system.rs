use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown_timeout = "5s")]
        worker = |_| async {},
    };
}
