//! The macros of another crate, which re-exports them under another name.

use hygiene_facade::{ChildContext, Supervisor, base, child, tree};

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

tree! {
    /// A named tree that is put together from two crates.
    pub fn composed() -> Supervisor {
        auto_shutdown = "any_significant",
        shutdown_budget = "7s",

        #[child(shutdown = "5s")]
        waiter = waiter(),

        #[child(tree, significant)]
        base = base(),
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test(start_paused = true)]
    async fn a_re_exported_macro_runs() {
        super::app().run().await.expect("it ends with its nested supervisor");
        super::composed().run().await.expect("it ends with its nested supervisor");
    }

    #[test]
    fn a_tree_of_another_crate_is_part_of_it() {
        let expected = "\
composed    one_for_one, 5 restarts in 1m, 7s to stop
├─ waiter   unknown    5s to stop  6 starts
└─ base     transient  2s to stop  6 starts
   └─ last  temporary  2s to stop  6 starts  Ends at once.";
        assert_eq!(super::composed::TREE.to_string(), expected);
    }
}
