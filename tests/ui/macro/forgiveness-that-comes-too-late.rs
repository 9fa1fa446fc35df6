use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        max_restarts = 3,
        within = "10s",

        #[child(forgive_after = "1m")]
        a = |_| async {},

        #[child(forgive_after = "1m", within = "5m")]
        b = |_| async {},

        #[child]
        c = supervisor! {
            max_restarts = "unlimited",
            forgive_after = "1m",

            #[child]
            d = |_| async {},
        },
    };
}
