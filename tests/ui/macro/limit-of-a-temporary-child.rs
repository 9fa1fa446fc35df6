use sage_supervisor::supervisor;

fn main() {
    let window = std::time::Duration::from_secs(1);
    let _ = supervisor! {
        #[child(restart = "temporary", max_restarts = 3, within = window * 60)]
        once = |_| async {},

        #[child(restart = "temporary", backoff(initial = "1s"))]
        other = |_| async {},
    };
}
