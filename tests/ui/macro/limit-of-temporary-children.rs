use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        max_restarts = 3,
        within = "1m",

        #[child(restart = "temporary")]
        a = |_| async {},

        #[child(restart = "temporary")]
        b = supervisor! {
            backoff(initial = "1s"),

            #[child(restart = "temporary")]
            c = |_| async {},
        },
    };
}
