use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "5 seconds",

        #[child(shutdown = "1.5s")]
        a = |_| async {},

        #[child(shutdown = "1m30s")]
        b = |_| async {},

        #[child(shutdown = "5d")]
        c = |_| async {},
    };
}
