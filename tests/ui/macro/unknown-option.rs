use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restat = "transient")]
        worker = |_| async {},

        #[child(colour = "red")]
        painter = |_| async {},
    };
}
