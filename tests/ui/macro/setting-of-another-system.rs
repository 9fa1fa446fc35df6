use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        intensity = 3,
        period = "5s",
        max_seconds = "5s",

        #[child]
        worker = |_| async {},
    };
    let _ = supervisor! {
        maxNrOfRetries = 3,
        withinTimeRange = "5s",

        #[child]
        worker = |_| async {},
    };
    let _ = supervisor! {
        failureThreshold = 3,
        max_restart_intensity = 3,

        #[child]
        worker = |_| async {},
    };
}
