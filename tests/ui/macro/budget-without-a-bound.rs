use sage_supervisor::supervisor;

async fn pool(_: sage_supervisor::ChildContext) {}

const grace: std::time::Duration = std::time::Duration::ZERO;

fn main() {
    let _ = supervisor! {
        shutdown_budget = "30s",

        #[child(shutdown = "infinity")]
        feed = |_| async {},

        #[child]
        storage = supervisor! {
            #[child]
            pool = pool,

            #[child(shutdown = grace)]
            cache = |_| async {},
        },
    };
}
