use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[cfg(unix)]
        #[child]
        signals = |_| async {},

        #[cfg(unix)]
        #[child]
        signals = |_| async {},
    };
}
