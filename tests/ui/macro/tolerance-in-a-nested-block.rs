use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        tolerate_unclean_stop = true,

        #[child]
        jobs = supervisor! {
            tolerate_unclean_stop = true,

            #[child]
            job = |_| async {},
        },
    };
}
