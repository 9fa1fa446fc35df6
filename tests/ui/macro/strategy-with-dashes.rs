use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strategy = one-for-all,

        #[child]
        a = |_| async {},
    };
}
