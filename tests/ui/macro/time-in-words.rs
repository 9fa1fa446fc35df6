use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "soon",

        #[child]
        worker = |_| async {},
    };
}
