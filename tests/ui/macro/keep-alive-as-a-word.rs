use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        keep_alive = "true",

        #[child]
        a = supervisor! {
            keep_alive,

            #[child]
            job = |_| async {},
        },

        #[child]
        b = supervisor! {
            keep_alive = false,
        },
    };
}
