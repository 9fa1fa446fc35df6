use sage_supervisor::{ChildContext, ChildSpec, Lent};

async fn counter(ctx: ChildContext, mut count: Lent<u32>) {
    *count += 1;
    ctx.cancelled().await;
}

fn main() {
    let _ = ChildSpec::lending_from("counter", 0, counter);
}
