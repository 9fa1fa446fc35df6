//! The macros under the name that `Cargo.toml` gives to the crate.

use otp::{ChildContext, Supervisor, child, supervisor};

/// Ends at once.
#[child(crate = otp, restart = "temporary")]
async fn greeter(_ctx: ChildContext, greeting: String) {
    drop(greeting);
}

/// A tree without a word about the name of the crate.
pub fn app() -> Supervisor {
    supervisor! {
        auto_shutdown = "any_significant",

        #[child]
        greeter = greeter("hello".to_owned()),

        #[child(restart = "temporary", significant)]
        last = async |_| {},
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test(start_paused = true)]
    async fn a_renamed_crate_runs() {
        super::app().run().await.expect("it ends with its last child");
    }

    // The test stands here because the attribute on a test needs a prelude.
    #[tokio::test(start_paused = true)]
    async fn no_prelude_is_needed() {
        crate::no_prelude::app().run().await.expect("it ends with its last child");
        let mut named = crate::no_prelude::named(String::new());
        named.run().await.expect("it ends with its last child");
    }
}
