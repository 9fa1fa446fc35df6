use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(ready_within = "5s")]
        jobs = supervisor! {
            #[child]
            job = |_| async {},
        },
    };
}
