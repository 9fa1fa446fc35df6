use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        max_restarts = "3 in 5s",

        #[child(max_restarts(3, "5s"))]
        a = |_| async {},

        #[child(max_restarts = (3, "5s"))]
        b = |_| async {},
    };
}
