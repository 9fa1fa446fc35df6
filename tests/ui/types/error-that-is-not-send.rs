use std::error::Error;

use sage_supervisor::{ChildContext, supervisor};

async fn worker(_: ChildContext) -> Result<(), Box<dyn Error>> {
    Ok(())
}

fn main() {
    let _ = supervisor! {
        #[child]
        worker = worker,
    };
}
