use sage_supervisor::supervisor;

async fn b(_: sage_supervisor::ChildContext) {}

fn main() {
    let _ = supervisor! {
        max_restarts = 0,

        #[child]
        a = |_| async {},

        #[child(restart = "permanent")]
        b = b,
    };
}
