use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "5 s",

        #[child(shutdown = "5 ms")]
        a = |_| async {},

        #[child(shutdown = " 5s")]
        b = |_| async {},
    };
}
