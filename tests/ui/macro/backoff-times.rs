use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff(initial = "0s", max = "0s", reset_after = "0m"),

        #[child(backoff(initial = 1, max = "60", reset_after = "5min"))]
        job = |_| async {},
    };
}
