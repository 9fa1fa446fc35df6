use sage_supervisor::{ChildSpec, Supervisor};

async fn serve(db: String) {
    drop(db);
}

fn main() {
    let db = String::new();
    let _ = ChildSpec::new("worker", move |_| serve(db));
}

fn variable(app: Supervisor, db: String) {
    let start = move |_: sage_supervisor::ChildContext| serve(db);
    let _ = app.child("worker", start);
}
