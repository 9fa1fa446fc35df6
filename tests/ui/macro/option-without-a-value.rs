use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(restart)]
        worker = |_| async {},

        #[child(shutdown = )]
        other = |_| async {},
    };
}
