use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        storage::pool = |_| async {},

        #[child]
        storage.cache = |_| async {},
    };
}
