use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        worker = |_| async {},

        #[child]
        reader = |_| async {},

        #[child]
        worker = |_| async {},
    };
}
