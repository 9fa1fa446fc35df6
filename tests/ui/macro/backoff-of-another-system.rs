use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        restart_sec = "1s",
        bakoff(initial = "1s"),
        heartbeat = "5s",

        #[child(watchdog_sec = "10s", restart_delay = "1s", max_retries = 3)]
        job = |_| async {},
    };
}
