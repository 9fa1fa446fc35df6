use sage_supervisor::supervisor;

fn main() {
    let db = ();
    let _ = supervisor! {
        #[child(clone(db), clone(log))]
        a = |_| async move { db },
    };
}
