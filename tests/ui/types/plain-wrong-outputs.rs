use sage_supervisor::{ChildContext, ChildSpec, OnceChild, RestartPolicy, Supervisor};

async fn answer(_: ChildContext) -> u32 {
    42
}

fn main() {
    let _ = ChildSpec::new("answer", answer);
    let _ = OnceChild::new("answer", answer);
    let _ = ChildSpec::blocking("answer", |_| 42);
}

fn add(app: &mut Supervisor) {
    app.add_child("answer", RestartPolicy::Permanent, || async {});
}
