use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        backoff(initial = "1s").jitter(0.5),

        #[child]
        a = |_| async {},
    };
}
