use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = one_for_all,

        #[child]
        worker = |_| async {},
    };
}
