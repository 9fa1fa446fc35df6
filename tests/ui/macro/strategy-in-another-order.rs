use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = "all_for_one",

        #[child]
        a = |_| async {},
    };
}
