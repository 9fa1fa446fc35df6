use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name = "",

        #[child]
        a = supervisor! {
            name = "storage/pool",

            #[child]
            worker = |_| async {},
        },

        #[child]
        b = supervisor! {
            name = "two\nlines",

            #[child]
            worker = |_| async {},
        },

        #[child]
        c = supervisor! {
            name = "pump\u{202e}",

            #[child]
            worker = |_| async {},
        },
    };
}
