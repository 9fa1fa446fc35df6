use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        keep_alive = yes,

        #[child]
        a = supervisor! {
            keep_alive = False,

            #[child]
            b = |_| async {},
        },
    };
}
