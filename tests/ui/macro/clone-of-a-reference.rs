use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(clone(&db))]
        a = |_| async {},

        #[child(clone(mut db))]
        b = |_| async {},

        #[child(clone("db", db.clone()))]
        c = |_| async {},
    };
}
