use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        worker = |_| async {},

        max_restarts = 3,
    };
}
