use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff(initial = "1s"),
        backoff(initial = "2s"),

        #[child(backoff(initial = "1s"), backoff = other())]
        job = |_| async {},
    };
}
