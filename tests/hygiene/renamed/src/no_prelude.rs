//! The macros in a module without a prelude.

#![no_implicit_prelude]

/// A function without a prelude.
#[::otp::child(crate = ::otp, restart = "temporary")]
async fn function(ctx: ::otp::ChildContext, text: ::std::string::String) {
    ::core::mem::drop((ctx, text));
}

/// A tree without a prelude.
#[must_use = "a supervisor does nothing until it is run"]
pub fn app() -> ::otp::Supervisor {
    let text = ::std::string::String::new();
    let lent = ::std::string::String::new();
    ::otp::supervisor! {
        name = "app",
        max_restarts = 3,
        within = "5s",
        auto_shutdown = "any_significant",
        backoff(initial = "1s"),

        #[child(restart = "temporary", clone(text), lend(lent))]
        closure = async move |_| {
            ::core::mem::drop((text, lent));
            fallible()?;
            ::core::result::Result::Ok(())
        },

        #[child(restart = "temporary", clone(text))]
        plain = move |_| async move { ::core::mem::drop(text) },

        #[child]
        function = function(text),

        #[child(restart = "temporary", significant, shutdown = "brutal_kill")]
        last = async |_| {},
    }
}

::otp::supervisor! {
    /// A named tree without a prelude.
    #[must_use = "a supervisor does nothing until it is run"]
    pub fn named(text: ::std::string::String) -> ::otp::Supervisor {
        shutdown_budget = "10s",
        auto_shutdown = "any_significant",

        #[child(tree, shutdown = "5s")]
        inner = inner(text),

        #[child(restart = "temporary", significant, shutdown = "brutal_kill")]
        last = async |_| {},
    }

    fn inner(text: ::std::string::String) -> ::otp::Supervisor {
        /// Drops it.
        #[child(restart = "temporary", clone(text))]
        closure = async move |_| ::core::mem::drop(text),
    }
}

fn fallible() -> ::core::result::Result<(), ::std::num::ParseIntError> {
    let _: u8 = "5".parse()?;
    ::core::result::Result::Ok(())
}
