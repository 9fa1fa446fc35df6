use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = "simple_one_for_one",

        #[child]
        worker = |_| async {},
    };
}
