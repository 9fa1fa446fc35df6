use std::sync::Arc;

use sage_supervisor::{ChildContext, child, supervisor};

#[child]
async fn worker(name: String, ctx: ChildContext) {
    println!("{} {name}", ctx.name());
}

#[child]
async fn borrows(ctx: &ChildContext, size: usize) {
    println!("{} {size}", ctx.name());
}

#[child]
async fn alone(name: String) {
    println!("{name}");
}

#[child]
async fn shared(ctx: Arc<Vec<u8>>, mut size: sage_supervisor::ChildContext) {
    drop((ctx, &mut size));
}

fn main() {
    let _ = supervisor! {
        #[child]
        worker = worker("a".into()),

        #[child]
        borrows = borrows(1),

        #[child]
        alone = alone("b".into()),
    };
}
