use sage_supervisor::{ChildContext, child, supervisor};

#[child(significant)]
async fn import(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        auto_shutdown = "any_significant",

        #[child(restart = "permanent", significant)]
        written = import(),

        #[child(significant)]
        default = |_| async {},
    };
}
