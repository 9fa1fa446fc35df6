use sage_supervisor::{ChildContext, supervisor};

use std::rc::Rc;

async fn tick() {}

async fn not_send(_: ChildContext) {
    let rc = Rc::new(1);
    tick().await;
    drop(rc);
}

fn main() {
    let _ = supervisor! {
        #[child]
        by_path = not_send,

        #[child]
        by_closure = async |_| {
            let rc = Rc::new(1);
            tick().await;
            drop(rc);
        },
    };
}
