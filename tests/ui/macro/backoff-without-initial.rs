use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff(max = "1m"),

        #[child(backoff())]
        job = |_| async {},
    };
}
