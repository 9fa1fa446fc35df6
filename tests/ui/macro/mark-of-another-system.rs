use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[worker(restart = "transient")]
        a = |_| async {},

        #[supervisor]
        b = supervisor! {
            #[child]
            c = |_| async {},
        },
    };
}
