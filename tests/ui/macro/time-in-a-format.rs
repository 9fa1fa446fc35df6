use sage_supervisor::{ChildContext, supervisor};

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let seconds = 5;
    let _ = supervisor! {
        within = format!("{seconds}s"),

        #[child(shutdown = format!("{seconds}s"))]
        worker = worker,
    };
}
