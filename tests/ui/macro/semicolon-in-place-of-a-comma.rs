use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name = "app";
        strategy = "one_for_one",

        #[child(restart = "transient"; shutdown = "5s")]
        a = |_| async {};

        #[child]
        b = |_| async {},
    };
}
