use std::sync::Arc;

use sage_supervisor::supervisor;

fn main() {
    let db = Arc::new(String::new());
    let _ = supervisor! {
        #[child(clone(&db))]
        a = async move |_| println!("{}", db.len()),

        #[child(clone("db", db.clone()))]
        b = async move |_| println!("{}", db.len()),

        #[child(clone(Arc::clone(&db)))]
        c = async move |_| println!("{}", db.len()),
    };
}
