use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        max_restarts = "unlimited",
        within = "5s",

        #[child]
        worker = |_| async {},
    };
}
