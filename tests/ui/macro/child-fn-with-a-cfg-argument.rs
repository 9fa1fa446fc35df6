use sage_supervisor::{ChildContext, child};

#[child]
async fn listener(_: ChildContext, port: u16, #[cfg(unix)] path: String) {
    drop((port, path));
}

fn main() {
    drop(listener(80, "socket".into()));
}
