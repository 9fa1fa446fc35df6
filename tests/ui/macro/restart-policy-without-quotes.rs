use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = transient)]
        worker = |_| async {},
    };
}
