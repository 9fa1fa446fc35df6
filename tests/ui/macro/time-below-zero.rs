use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = -5,

        #[child(shutdown = "-5s")]
        a = |_| async {},
    };
}
