use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        child a = |_| async {},
        worker b: |_| async {},

        #[child]
        c d = |_| async {},
    };
}
