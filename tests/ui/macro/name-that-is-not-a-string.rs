use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name = 5,

        #[child]
        worker = |_| async {},
    };
}
