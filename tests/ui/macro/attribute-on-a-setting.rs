use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[cfg(unix)]
        name = "app",

        #[child]
        worker = |_| async {},
    };
}
