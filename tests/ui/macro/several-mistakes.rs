use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = "one-for-one",
        intensity = 3,

        #[child(restart = "trasient", shutdown = 5)]
        a = |_| async {}

        #[child(restart = "always")]
        a = supervisor! {
            within = "0s",

            #[child(shutdwon = "5s")]
            b = |_| async {},
        },

        c = |_| async {},
    };
}
