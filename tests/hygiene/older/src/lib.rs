//! The macros in a crate of edition 2021, where `!` falls back to `()`.

#![deny(warnings)]

use sage_supervisor::{child, supervisor, BoxError, ChildContext, Supervisor};

/// Fails at the first starts, and is started again.
#[child(restart = "transient")]
async fn third_time_lucky(ctx: ChildContext) -> Result<(), String> {
    if ctx.restarts() < 2 {
        return Err(format!("attempt {}", ctx.restarts()));
    }
    Ok(())
}

/// Every form of outcome.
pub fn app() -> Supervisor {
    let name = String::from("name");
    supervisor! {
        auto_shutdown = "all_significant",
        tolerate_unclean_stop = true,

        #[child]
        endless = async |ctx| loop {
            ctx.cancelled().await;
            std::future::pending::<()>().await;
        },

        #[child]
        questions = async |_| loop {
            std::future::ready(Ok::<(), std::io::Error>(())).await?;
            std::future::pending::<()>().await;
        },

        #[child(clone(name))]
        cloned = move |ctx: ChildContext| async move {
            ctx.cancelled().await;
            drop(name);
            Ok(())
        },

        #[child(significant)]
        third_time_lucky = third_time_lucky(),

        #[child(restart = "temporary", significant)]
        boxed = |_| async { Ok::<(), BoxError>(()) },
    }
}

supervisor! {
    /// A named tree.
    pub fn named(name: String) -> Supervisor {
        auto_shutdown = "any_significant",

        #[child(restart = "temporary", significant, clone(name))]
        last = async move |_| drop(name),
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test(start_paused = true)]
    async fn edition_2021_runs() {
        super::named(String::new()).run().await.expect("it ends with its last child");
        super::app().run().await.expect("it ends with its significant children");
    }
}
