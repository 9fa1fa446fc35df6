#![deny(warnings)]

use sage_supervisor::{ChildContext, Supervisor, supervisor};

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

fn main() {
    drop(app());
}
