use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        intensity = 3,
        period = "5s",
        max_seconds = "5s",

        #[child]
        worker = |_| async {},
    };
}
