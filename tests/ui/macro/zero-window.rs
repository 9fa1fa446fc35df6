use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "0s",

        #[child]
        worker = |_| async {},
    };
}
