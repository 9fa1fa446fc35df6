use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        auto_shutdown = "any-significant",

        #[child]
        a = supervisor! {
            auto_shutdown = "all",

            #[child]
            job = |_| async {},
        },

        #[child]
        b = supervisor! {
            auto_shutdown = all_significant,

            #[child]
            job = |_| async {},
        },

        #[child]
        c = supervisor! {
            auto_shutdown = true,

            #[child]
            job = |_| async {},
        },
    };
}
