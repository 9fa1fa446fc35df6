use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        jobs = supervisor! {},
    };
}
