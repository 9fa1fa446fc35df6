#![deny(warnings)]

use sage_supervisor::supervisor;

fn main() {
    let db = String::new();
    let _ = supervisor! {
        #[child(clone(db))]
        worker = async move |_| {},
    };
}
