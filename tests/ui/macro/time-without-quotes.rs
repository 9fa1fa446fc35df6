use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = 5_000,
        kill_grace = 5 s,

        #[child(shutdown = 5s)]
        a = |_| async {},

        #[child(shutdown = 30.0)]
        b = |_| async {},
    };
}
