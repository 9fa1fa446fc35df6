use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        [child(restart = "transient")]
        a = |_| async {},
    };
}
