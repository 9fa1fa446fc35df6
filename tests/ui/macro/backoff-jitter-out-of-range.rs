use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff(initial = "1s", jitter = 1.5),

        #[child(backoff(initial = "1s", jitter = -0.1))]
        a = |_| async {},

        #[child(backoff(initial = "1s", jitter = "10%"))]
        b = |_| async {},
    };
}
