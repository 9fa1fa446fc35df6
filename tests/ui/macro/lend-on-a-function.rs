use sage_supervisor::{ChildContext, child};

#[child(lend(inbox))]
async fn worker(_: ChildContext, inbox: String) {
    drop(inbox);
}

fn main() {}
