use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "2 days",

        #[child]
        a = |_| async {},
    };
}
