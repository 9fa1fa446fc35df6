use std::cell::RefCell;
use std::sync::Arc;

use sage_supervisor::{ChildContext, child, supervisor};

trait Store {}

fn tree(cell: Arc<RefCell<u32>>, store: Arc<dyn Store>) {
    let _ = supervisor! {
        #[child(clone(cell))]
        counts = async move |_| drop(cell),

        #[child(clone(store))]
        stores = async move |_| drop(store),
    };
}

#[child]
async fn counts(ctx: ChildContext, cell: Arc<RefCell<u32>>) {
    ctx.cancelled().await;
    drop(cell);
}

fn main() {}
