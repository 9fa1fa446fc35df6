//! The version of a child may borrow what its start takes.

use sage_supervisor::{ChildContext, Supervisor, supervisor};

#[derive(Clone, Hash)]
struct Listener {
    port: u16,
    host: String,
}

async fn listen(ctx: ChildContext, listener: Listener) {
    let _ = (listener.port, listener.host);
    ctx.cancelled().await;
}

fn tree(listener: Listener, other: Listener) -> Supervisor {
    supervisor! {
        #[child(version = listener, clone(listener))]
        first = async move |ctx| listen(ctx, listener).await,

        #[child(version = (other.port, "b"), restart = "transient")]
        second = {
            let other = other;
            move |ctx: ChildContext| listen(ctx, other.clone())
        },

        #[child(version = 1)]
        nested = supervisor! {
            #[child]
            third = async |ctx| ctx.cancelled().await,
        },
    }
}

fn main() {
    let listener = Listener { port: 80, host: "localhost".to_owned() };
    drop(tree(listener.clone(), listener));
}
