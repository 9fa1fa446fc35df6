use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = "rest_for_one",

        #[child(restart = "temporary", max_restarts = 3)]
        a = |_| async {},

        #[child]
        b = |_| async {},
    };
}
