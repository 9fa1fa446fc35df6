//! Through another crate, under another name.

use hygiene_facade::{ChildContext, Supervisor, child, tree};

/// Waits for the end.
#[child(crate = hygiene_facade::supervision)]
async fn waiter(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// A tree declared with the macro of the facade.
pub fn app() -> Supervisor {
    tree! {
        auto_shutdown = "all_significant",

        #[child]
        waiter = waiter(),

        #[child(restart = "transient", significant)]
        inner = tree! {
            auto_shutdown = "any_significant",

            #[child(restart = "temporary", significant)]
            last = async |_| {},
        },
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test(start_paused = true)]
    async fn a_re_exported_macro_runs() {
        super::app().run().await.expect("it ends with its nested supervisor");
    }
}
