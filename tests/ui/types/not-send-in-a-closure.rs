use std::rc::Rc;

use sage_supervisor::supervisor;

async fn tick() {}

fn main() {
    let _ = supervisor! {
        #[child]
        closure = async |_| {
            let rc = Rc::new(1);
            tick().await;
            drop(rc);
        },

        #[child]
        block = |_| async move {
            let rc = Rc::new(1);
            tick().await;
            drop(rc);
        },
    };
}
