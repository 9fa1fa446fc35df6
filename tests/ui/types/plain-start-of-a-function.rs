use sage_supervisor::{ChildContext, DynamicSupervisor};

async fn worker(_: ChildContext) {}

async fn start(pool: DynamicSupervisor) {
    drop(pool.start_child(worker).await);
}

fn main() {}
