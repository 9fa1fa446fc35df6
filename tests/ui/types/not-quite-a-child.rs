use std::sync::Arc;

use sage_supervisor::{ChildContext, ChildSpec, DynamicSupervisor, OnceChild, supervisor};

async fn worker(_: ChildContext) {}

fn main() {
    let sessions = DynamicSupervisor::new();
    let _ = supervisor! {
        #[child]
        reference = &sessions,

        #[child]
        once = OnceChild::new("once", worker),

        #[child]
        shared = Arc::new(ChildSpec::new("shared", worker)),

        #[child]
        several = [ChildSpec::new("one", worker)],
    };
}
