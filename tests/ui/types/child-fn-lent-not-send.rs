use std::rc::Rc;

use sage_supervisor::{ChildContext, Lent, child};

#[child]
async fn worker(_: ChildContext, value: Lent<Rc<u32>>) {
    drop(value);
}

fn main() {}
