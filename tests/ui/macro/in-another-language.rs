use sage_supervisor::{ChildContext, supervisor};

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        strategy: one_for_all,

        [worker, worker],

        workers!(worker, worker),

        tokio::spawn(worker);

        child "quoted" { worker }

        #[child]
        spawned = tokio::spawn(worker(ctx)),

        #[child]
        arrow = (ctx) => worker(ctx),

        #[child]
        several = vec![worker, worker],

        #[child]
        storage = Supervisor {
            #[child]
            worker = worker,
        },

        #[child]
        borrows = |ctx| ctx.cancelled(),

        #[child(replicas = 4)]
        worker = worker,

        other,

        # the end of the children
    };
}
