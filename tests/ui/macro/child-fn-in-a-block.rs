use sage_supervisor::{ChildContext, Supervisor, supervisor};

async fn worker(_: ChildContext) {}

fn main() {
    let _ = supervisor! {
        #[child]
        async fn poller(ctx: ChildContext) {
            ctx.cancelled().await;
        }

        #[child(restart = "transiet")]
        worker = worker,
    };
    let _ = supervisor! {
        strategy = "one_for_all",

        async fn poller(ctx: ChildContext) {
            ctx.cancelled().await;
        }

        #[child]
        worker = worker,
    };
}

supervisor! {
    fn app() -> Supervisor {
        #[child(restart = "transient")]
        async fn poller(ctx: ChildContext) {
            ctx.cancelled().await;
        }

        #[child]
        worker = worker,
    }
}
