use sage_supervisor::{ChildContext, child};

#[child]
async fn worker(name: String, ctx: ChildContext) {
    println!("{} {name}", ctx.name());
}

#[child]
async fn alone(name: String) {
    println!("{name}");
}

fn main() {}
