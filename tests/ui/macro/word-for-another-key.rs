use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = "permanent",

        #[child(restart = "one_for_one")]
        a = |_| async {},

        #[child(shutdown = "temporary")]
        b = |_| async {},
    };
}
