use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(shutdown = "3s")]
        jobs = supervisor! {
            #[child]
            importer = |_| async {},
        },
    };
}
