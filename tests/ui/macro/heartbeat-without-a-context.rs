use sage_supervisor::{ChildSpec, supervisor};

fn main() {
    let _ = supervisor! {
        #[child(heartbeat = "10s")]
        plain = ChildSpec::without_context("plain", || async {}),
    };
}
