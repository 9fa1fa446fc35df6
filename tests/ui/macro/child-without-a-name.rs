use sage_supervisor::{ChildContext, ChildSpec, Supervisor, supervisor};

async fn worker(_: ChildContext) {}

fn storage() -> Supervisor {
    supervisor! {
        #[child]
        worker = worker,
    }
}

fn main() {
    let _ = supervisor! {
        #[child]
        async |ctx| ctx.cancelled().await,

        #[child(restart = "transient")]
        supervisor! {
            #[child]
            worker = worker,
        },

        #[child]
        storage(),

        #[child]
        ChildSpec::new("worker", worker),

        #[child]
        worker = worker,
    };
}
