use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[cfg(unix)]
        name = "app",

        /// In the order of their start.
        strategy = "rest_for_one",

        #[child]
        worker = |_| async {},
    };
}
