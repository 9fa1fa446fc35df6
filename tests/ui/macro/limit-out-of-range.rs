use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        max_restarts = -1,

        #[child]
        a = supervisor! {
            max_restarts = 99999999999,

            #[child]
            worker = |_| async {},
        },

        #[child]
        b = supervisor! {
            max_restarts = "3",

            #[child]
            worker = |_| async {},
        },

        #[child]
        c = supervisor! {
            max_restarts = "infinite",

            #[child]
            worker = |_| async {},
        },
    };
}
