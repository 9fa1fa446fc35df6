use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        shutdown_budget = "1s",

        #[child]
        block = async {},

        #[child]
        pool = |_| async {},
    };

    let _ = supervisor! {
        shutdown_budget = "1s",
        colour = "red",

        #[child]
        pool = pool(1),
    };
}

fn pool(_: usize) -> sage_supervisor::ChildSpec {
    loop {}
}
