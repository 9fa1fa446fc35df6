use sage_supervisor::child;

#[child]
struct Worker;

fn main() {}
