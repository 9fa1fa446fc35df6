use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(lend(app.inbox))]
        worker = |_| async {},
    };
}
