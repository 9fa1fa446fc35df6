use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        worker = |_| async {},

        #[cfg(unix)]
        #[child]
        worker = |_| async {},
    };
}
