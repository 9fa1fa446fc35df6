use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[cfg_attr(unix, child(shutdown = "20s"))]
        #[child]
        signals = |_| async {},
    };
}
