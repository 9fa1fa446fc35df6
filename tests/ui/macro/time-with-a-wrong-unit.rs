use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "5 seconds",

        #[child(shutdown = "5S")]
        a = |_| async {},

        #[child(shutdown = "5y")]
        b = |_| async {},
    };
}
