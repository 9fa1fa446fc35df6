use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart = "trasient")]
        worker = |_| async {},
    };
}
