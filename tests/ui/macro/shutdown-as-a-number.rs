use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown = 5)]
        a = |_| async {},

        #[child(shutdown = 500ms)]
        b = |_| async {},
    };
}
