//! The tokens that the macros emit for editors are no code, and no lint reports them.

#![deny(warnings, unexpected_cfgs, unused, future_incompatible, rust_2018_idioms)]

use sage_supervisor::{BoxError, ChildContext, ChildSpec, Supervisor, child, supervisor};

pub struct Jobs;

impl Jobs {
    #[child(restart = "transient", backoff(initial = "1s", max = "2s"), crate = ::sage_supervisor)]
    pub async fn inside_of_an_impl(ctx: ChildContext, line: String) -> Result<(), BoxError> {
        ctx.cancelled().await;
        drop(line);
        Ok(())
    }

    #[child]
    pub async fn without_options(_: ChildContext) {}

    pub fn tree(&self) -> Supervisor {
        supervisor! {
            keep_alive = true,
            backoff(initial = "1s"),

            #[child()]
            one = Self::without_options(),

            #[child(restart = "temporary",)]
            inner = supervisor! {
                name = "inner",
                auto_shutdown = "any_significant",

                #[child(restart = "transient", significant)]
                two = Self::inside_of_an_impl(String::new()),
            },
        }
    }
}

fn main() {
    #[child]
    async fn inside_of_a_function(_: ChildContext) {}

    let specs: [ChildSpec; 2] = [inside_of_a_function(), Jobs::without_options()];
    // In all places of an expression, with what a name owes to a temporary value.
    let name = || String::from("a");
    drop(supervisor! { name = name(), keep_alive = true }.children(specs));
    let _ = supervisor! { name = name().as_str(), keep_alive = true }.kill_grace(T);
    let trees = [Jobs.tree(), supervisor!(keep_alive = true,)];
    drop(match trees.len() {
        2 => supervisor! { keep_alive = true },
        _ => Jobs.tree(),
    });
}

const T: std::time::Duration = std::time::Duration::from_secs(1);
