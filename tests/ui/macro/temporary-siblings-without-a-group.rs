use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        temporary_siblings = "remove",

        #[child]
        jobs = supervisor! {
            strategy = "one_for_one",
            temporary_siblings = "restart",

            #[child]
            job = |_| async {},
        },
    };
}
