use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "500us",

        #[child]
        a = |_| async {},
    };
}
