use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(auto_terminate = true, kill_timeout = "1s", withinTimeRange = "5s")]
        worker = |_| async {},
    };
}
