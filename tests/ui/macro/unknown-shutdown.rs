use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown = "brutal")]
        a = |_| async {},

        #[child(shutdown = "infinty")]
        b = |_| async {},

        #[child(shutdown = "later")]
        c = |_| async {},

        #[child(shutdown = infinity)]
        d = |_| async {},
    };
}
