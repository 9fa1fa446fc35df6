use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        worker = |_| async {},

        #[child]
        storage = supervisor! {
            name = "worker",

            #[child]
            worker = |_| async {},
        },
    };
}
