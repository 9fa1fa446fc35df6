use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown_timeout = "5s")]
        worker = |_| async {},

        #[child(livenessProbe = "5s", readinessProbe = "5s", retries = 3)]
        probed = |_| async {},

        #[child(grace = "5s")]
        graceful = |_| async {},

        #[child(terminationGracePeriodSeconds = 30)]
        pod = |_| async {},
    };
}
