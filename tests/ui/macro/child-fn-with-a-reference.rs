use sage_supervisor::{ChildContext, child};

#[child]
async fn worker(ctx: ChildContext, name: &str, key: &'static str) {
    println!("{} {name} {key}", ctx.name());
}

fn main() {}
