use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        shutdown_budget = "4s",

        #[child]
        pool = supervisor! {
            #[child(restart = "x")]
            worker = |_| async {},
        }
        .keep_alive(true),
    };

    let _ = supervisor! {
        shutdown_budget = "4s",

        #[child]
        pool = supervisor! {
            #[child]
            worker = |_| async {},
        }
        .keep_alive(true),
    };
}
