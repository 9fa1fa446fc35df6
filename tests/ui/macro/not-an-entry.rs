use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        "app",
        ,

        #[child]
        worker = |_| async {},

        { worker },
    };
}
