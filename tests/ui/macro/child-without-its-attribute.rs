use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name = "app",

        worker = |_| async {},
        nested = supervisor! {
            #[child]
            worker = |_| async {},
        },
    };
}
