use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown = "brutal_kill")]
        jobs = supervisor! {
            #[child]
            importer = |_| async {},
        },
    };
}
