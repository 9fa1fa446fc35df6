use sage_supervisor::{ChildContext, child, supervisor};

#[child]
async fn worker(_: ChildContext, db: String) {
    drop(db);
}

fn main() {
    let db = String::new();
    let _ = supervisor! {
        #[child]
        first = worker(db),

        #[child]
        second = worker(db),
    };
}
