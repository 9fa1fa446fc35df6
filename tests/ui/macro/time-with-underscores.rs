use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown = "1_500ms")]
        a = |_| async {},
    };
}
