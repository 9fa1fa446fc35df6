use sage_supervisor::{ChildContext, supervisor};

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        #[child(version)]
        a = worker,

        #[child(version = )]
        b = worker,

        #[child(version(1))]
        c = worker,
    };
}
