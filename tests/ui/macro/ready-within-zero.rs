use sage_supervisor::{ChildContext, child, supervisor};

#[child(ready_within = "0ms")]
async fn worker(ctx: ChildContext) {
    ctx.ready().await;
}

fn main() {
    let _ = supervisor! {
        #[child(ready_within = "0s")]
        listener = |_| async {},

        #[child(ready_within = 5)]
        worker = worker(),
    };
}
