use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        shutdown_budget = budget(),

        #[child]
        worker = |_| async {},
    };
}
