use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = "one-for-one",

        #[child]
        worker = |_| async {},

        #[child]
        nested = supervisor! {
            strategy = "OneForAll",

            #[child]
            worker = |_| async {},
        },

        #[child]
        other = supervisor! {
            strategy = "all_or_nothing",

            #[child]
            worker = |_| async {},
        },
    };
}
