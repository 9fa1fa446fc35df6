use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = ".5s",

        #[child(shutdown = "1.5s")]
        a = |_| async {},
    };
}
