use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        max_restarts = 3,
        within = "1m",

        #[child(max_restarts = 10, within = "1m")]
        a = |_| async {},

        #[child]
        b = supervisor! {
            strategy = "one_for_all",

            #[child(max_restarts = 6)]
            c = |_| async {},
        },
    };
}
