use sage_supervisor::{ChildContext, ChildSpec, Lent, Loan};

async fn counter(ctx: ChildContext, mut count: Lent<u32>) {
    *count += 1;
    ctx.cancelled().await;
}

fn main() {
    let count = Loan::new(0);
    let _ = ChildSpec::lending("counter", count, counter);
}
