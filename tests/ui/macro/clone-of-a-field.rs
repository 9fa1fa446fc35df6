use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(clone(app.db))]
        worker = |_| async {},
    };
}
