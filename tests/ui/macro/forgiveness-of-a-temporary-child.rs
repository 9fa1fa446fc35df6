use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = "temporary", forgive_after = "10s")]
        once = |_| async {},

        #[child]
        jobs = supervisor! {
            forgive_after = "10s",

            #[child(restart = "temporary")]
            job = |_| async {},
        },
    };
}
