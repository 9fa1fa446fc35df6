use sage_supervisor::{ChildContext, ChildSpec, Supervisor};

async fn worker(_: ChildContext) {}

fn spec(ctx: ChildContext) -> ChildSpec {
    ChildSpec::new("worker", worker(ctx))
}

fn child(app: Supervisor, ctx: ChildContext) -> Supervisor {
    app.child("worker", worker(ctx))
}

fn main() {}
