use sage_supervisor::supervisor;

fn main() {
    let (db, log) = ((), ());
    let _ = supervisor! {
        #[child(clone(db log))]
        a = |_| async move { (db, log).0 },
    };
}
