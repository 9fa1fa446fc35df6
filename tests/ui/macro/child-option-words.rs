use sage_supervisor::{ChildContext, child, supervisor};

#[child(temporary, name = "w")]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        #[child(transient)]
        a = worker(),

        #[child(brutal_kill)]
        b = worker(),

        #[child(strategy = "one_for_all", kill_grace = "1s")]
        c = worker(),

        #[child(name = "job")]
        d = worker(),

        #[child(Temporary, infinite)]
        e = worker(),
    };
}
