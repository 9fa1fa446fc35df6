//! The macros beside names that shadow those that the expansion needs.

/// Names that a glob import brings into scope.
#[expect(dead_code, clippy::redundant_pub_crate, reason = "it is only in the way")]
mod names {
    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct Vec;
    pub(crate) struct Box;
    pub(crate) struct String;
    pub(crate) struct Supervisor;
    pub(crate) struct Strategy;
    pub(crate) struct ChildSpec;
    pub(crate) struct RestartPolicy;
    pub(crate) struct Duration;
    pub(crate) struct Backoff;
    pub(crate) struct DeclaredTree;
    pub(crate) mod tokio {}
    pub(crate) mod otp {}
    pub(crate) trait Clone {}
    pub(crate) trait Copy {}
    pub(crate) trait Default {}
    pub(crate) trait Fn {}
    pub(crate) trait FnOnce {}
    pub(crate) trait Future {}
    pub(crate) trait Into {}
    pub(crate) trait IntoChild {}
    pub(crate) trait Iterator {}
    pub(crate) trait Send {}
    pub(crate) trait Sync {}

    #[expect(non_snake_case, reason = "it shadows the variant")]
    pub(crate) const fn Ok(_: u8) {}

    #[expect(non_snake_case, reason = "it shadows the variant")]
    pub(crate) const fn Err(_: u8) {}

    #[expect(non_snake_case, reason = "it shadows the variant")]
    pub(crate) const fn Some(_: u8) {}

    #[expect(non_upper_case_globals, reason = "a constant in place of a binding is a pattern")]
    pub(crate) const ctx: u8 = 0;

    #[expect(non_upper_case_globals, reason = "a constant in place of a binding is a pattern")]
    pub(crate) const value: u8 = 0;

    pub(crate) const fn child() {}
    pub(crate) const fn capture() {}
    pub(crate) const fn clone() {}
    pub(crate) const fn drop() {}
    pub(crate) const fn lend() {}
}

/// A captured value whose methods have the names of ours.
#[derive(::core::clone::Clone)]
struct Db;

#[expect(clippy::unused_self, reason = "they are here for their names")]
impl Db {
    const fn name(&self) {}
    const fn restart(&self) {}
    const fn children(&self) {}
}

#[expect(unused_imports, reason = "that is what is tested")]
mod user {
    use super::Db;
    use super::names::*;

    #[::otp::child(crate = ::otp, restart = "temporary", heartbeat = "1s")]
    async fn function(context: ::otp::ChildContext, name: Db) {
        context.heartbeat();
        name.restart();
    }

    pub(super) fn app() -> ::otp::Supervisor {
        let (name, start, inbox) = (Db, Db, Db);
        ::otp::supervisor! {
            name = "app",
            strategy = "rest_for_one",
            within = "5s",
            backoff(initial = "1s", max = "2s", factor = 2, jitter = 0.5),
            auto_shutdown = "any_significant",

            #[child(restart = "transient", shutdown = "5s", clone(name, start), lend(inbox))]
            worker = async move |context| {
                name.name();
                start.children();
                inbox.name();
                context.cancelled().await;
            },

            #[child(restart = "temporary")]
            fallible = async |_| {
                fallible()?;
                ::core::result::Result::Ok(())
            },

            #[child]
            function = function(Db),

            #[child(restart = "temporary", significant)]
            nested = ::otp::supervisor! {
                auto_shutdown = "all_significant",

                #[child(restart = "temporary", significant)]
                last = |_| async {},
            },
        }
    }

    ::otp::supervisor! {
        pub(super) fn named(name: Db, tree: u8) -> ::otp::Supervisor {
            auto_shutdown = "any_significant",
            shutdown_budget = "10s",
            #[child(restart = "temporary", clone(name, tree))]
            worker = async move |_| {
                name.name();
                let _ = tree;
            },

            #[child(tree, restart = "temporary", significant)]
            other = other(),
        }

        fn other() -> ::otp::Supervisor {
            auto_shutdown = "any_significant",

            #[child(restart = "temporary", significant)]
            last = |_| async {},
        }
    }

    fn fallible() -> ::core::result::Result<(), ::std::num::ParseIntError> {
        let _: u8 = "5".parse()?;
        ::core::result::Result::Ok(())
    }
}

/// A named tree in the middle of all that.
#[must_use = "a supervisor does nothing until it is run"]
pub fn named() -> ::otp::Supervisor {
    const _: () = user::named::TREE.assert_fits_within_ms(10_000);
    user::named(Db, 0)
}

/// A tree in the middle of all that.
#[must_use = "a supervisor does nothing until it is run"]
pub fn app() -> ::otp::Supervisor {
    user::app()
}

#[cfg(test)]
mod tests {
    #[tokio::test(start_paused = true)]
    async fn nothing_in_scope_is_taken_for_something_else() {
        super::app().run().await.expect("it ends with its nested supervisor");
        super::named().run().await.expect("it ends with its nested supervisor");
    }
}
