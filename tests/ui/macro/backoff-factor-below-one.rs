use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff(initial = "1s", factor = 0.5),

        #[child(backoff(initial = "1s", factor = "2"))]
        a = |_| async {},

        #[child(backoff(initial = "1s", factor = -2))]
        b = |_| async {},
    };
}
