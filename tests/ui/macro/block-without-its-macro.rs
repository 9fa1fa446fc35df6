use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        storage {
            #[child]
            pool = |_| async {},
        },

        #[child]
        other = |_| async {},
    };
}
