use sage_supervisor::{ChildSpec, supervisor};

fn main() {
    let _ = supervisor! {
        #[child(ready_within = "5s")]
        plain = ChildSpec::without_context("plain", || async {}),
    };
}
