use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(clone(pool = db))]
        a = |_| async {},

        #[child(clone(db as pool))]
        b = |_| async {},
    };
}
