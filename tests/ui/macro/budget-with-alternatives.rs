use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        shutdown_budget = "24s",

        #[cfg(unix)]
        #[child(shutdown = "20s")]
        signals = |_| async {},

        #[cfg(not(unix))]
        #[child(shutdown = "10s")]
        signals = |_| async {},

        #[child]
        worker = |_| async {},
    };
}
