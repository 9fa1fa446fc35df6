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

#[child]
async fn result(_: ChildContext) -> std::io::Result<String> {
    std::fs::read_to_string("rows.csv")
}
