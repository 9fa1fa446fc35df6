use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        max_restarts = infinity,

        #[child]
        a = supervisor! {
            max_restarts = None,

            #[child]
            b = |_| async {},
        },
    };
}
