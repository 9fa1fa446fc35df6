use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        a = supervisor {
            #[child]
            b = |_| async {},
        },

        #[child]
        c = {
            #[child]
            d = |_| async {},
        },
    };
}
