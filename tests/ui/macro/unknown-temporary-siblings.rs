use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = "one_for_all",
        temporary_siblings = "removed",

        #[child]
        jobs = supervisor! {
            strategy = "one_for_all",
            temporary_siblings = "keep",

            #[child]
            job = |_| async {},
        },

        #[child]
        more = supervisor! {
            strategy = "one_for_all",
            temporary_siblings = Remove,

            #[child]
            job = |_| async {},
        },
    };
}
