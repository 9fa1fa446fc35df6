use std::rc::Rc;

use sage_supervisor::{ChildContext, ChildSpec, DynamicSupervisor, Supervisor};

async fn worker(ctx: ChildContext) {
    let rc = Rc::new(5);
    ctx.cancelled().await;
    drop(rc);
}

fn main() {}

fn spec() -> ChildSpec {
    ChildSpec::new("worker", worker)
}

fn child(app: Supervisor) -> Supervisor {
    app.child("worker", worker)
}

async fn task(pool: DynamicSupervisor) {
    drop(pool.spawn_task("worker", worker).await);
}
