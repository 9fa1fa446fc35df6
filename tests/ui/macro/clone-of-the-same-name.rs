use sage_supervisor::supervisor;

fn main() {
    let db = String::new();
    let _ = supervisor! {
        #[child(clone(db, db))]
        worker = move |_| async move { drop(db) },
    };
}
