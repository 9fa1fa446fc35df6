#![deny(warnings)]

use sage_supervisor::{ChildContext, ChildSpec, Supervisor, child, supervisor};

macro_rules! tree {
    ($($(#[$meta:meta])* $name:ident = $start:expr),*) => {
        supervisor! { shutdown_budget = "30s", $($(#[$meta])* $name = $start,)* }
    };
}

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn app() -> Supervisor {
    tree! {
        /// Works.
        #[cfg(all())]
        #[child(restart = "transient", shutdown = "2s")]
        a = worker,

        #[child]
        #[allow(unused_variables)]
        b = async |ctx| {
            std::fs::read("rows.csv")?;
            Ok(())
        },

        #[child]
        c = supervisor! {
            #[child(shutdown = "10s")]
            a = worker,
        }
    }
}

/// A body that is handed on.
macro_rules! function {
    ($name:ident, $ctx:ident, $ty:ty, $body:block) => {
        #[child(restart = "transient")]
        async fn $name($ctx: ChildContext, _: $ty) -> std::io::Result<()> $body
    };
}

macro_rules! functions {
    ($body:block) => {
        function!(twice_handed_on, _ctx, Vec<u8>, $body);
    };
}

function!(handed_on, ctx, Vec<u8>, {
    ctx.cancelled().await;
    Ok(())
});

functions!({ Ok(()) });

fn main() {
    let _: [ChildSpec; 2] = [handed_on(vec![]), twice_handed_on(vec![])];
    drop(app());
}
