use sage_supervisor::{ChildContext, child, supervisor};

#[child(temporary)]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        #[child(transient)]
        a = worker(),

        #[child(brutal_kill)]
        b = worker(),

        #[child(Temporary, infinite)]
        c = worker(),

        #[child(always)]
        d = worker(),
    };
}
