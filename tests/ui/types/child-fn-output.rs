use sage_supervisor::{ChildContext, child};

#[child]
async fn no_arguments(_: ChildContext) -> u32 {
    42
}

#[child]
async fn arguments(_: ChildContext, answer: u32) -> u32 {
    answer
}

fn main() {}
