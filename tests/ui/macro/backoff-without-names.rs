use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff("1s", "60s"),

        #[child(backoff(1s))]
        a = |_| async {},

        #[child(backoff(initial = "1s", "60s"))]
        b = |_| async {},
    };
}
