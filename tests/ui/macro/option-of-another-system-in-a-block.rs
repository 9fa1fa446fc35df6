use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        TimeoutStopSec = "5s",
        livenessProbe = "5s",
        retries = 3,
        critical = true,
        modules = "dynamic",

        #[child]
        worker = |_| async {},
    };
}
