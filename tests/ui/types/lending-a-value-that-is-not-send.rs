use std::rc::Rc;

use sage_supervisor::{ChildSpec, Lent};

fn main() {
    let _ = ChildSpec::lending("worker", Rc::new(5), |_, value: Lent<Rc<u32>>| async move {
        drop(value);
    });
}
