use sage_supervisor::{ChildContext, child};

struct Db;

#[child]
async fn worker(ctx: ChildContext, db: Db) {
    ctx.cancelled().await;
    drop(db);
}

fn main() {}
