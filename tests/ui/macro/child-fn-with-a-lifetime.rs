use sage_supervisor::{ChildContext, child};

#[child]
async fn worker<'a>(ctx: ChildContext, name: &'a str) {
    println!("{} {name}", ctx.name());
}

fn main() {}
