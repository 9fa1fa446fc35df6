use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        _ = |_| async {},

        #[child]
        self = |_| async {},

        #[child]
        true = |_| async {},
    };
}
