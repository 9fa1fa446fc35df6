use sage_supervisor::{ChildContext, child, supervisor};

#[child(name = "w")]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        #[child(name = "job")]
        a = worker(),
    };
}
