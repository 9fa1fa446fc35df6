use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        worker = |_| async {},

        /// Something is missing here.
    };
}
