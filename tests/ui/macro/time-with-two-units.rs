use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown = "1m30s")]
        a = |_| async {},
    };
}
