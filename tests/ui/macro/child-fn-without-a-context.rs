use sage_supervisor::child;

#[child]
async fn worker() {}

fn main() {}
