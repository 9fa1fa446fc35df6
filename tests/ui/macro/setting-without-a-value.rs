use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name,
        strategy =,

        #[child]
        worker = |_| async {},
    };
}
