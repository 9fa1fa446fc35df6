use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name = "app",,

        #[child(restart = "transient",, shutdown = "5s")]
        a = |_| async {},

        #[child(, shutdown = "5s")]
        b = |_| async {},,
    };
}
