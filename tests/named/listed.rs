//! The call of a named tree starts the same tree that was checked.

use std::time::Duration;

use sage_supervisor::{InvalidTree, InvalidTreeKind, SageError, Supervisor, supervisor};

mod db {
    use sage_supervisor::{Supervisor, supervisor};

    supervisor! {
        pub(super) fn storage() -> Supervisor {
            #[child]
            pool = async |ctx| ctx.cancelled().await,
        }

        pub(super) fn cache() -> Supervisor {
            name = "own",

            #[child]
            pool = async |ctx| ctx.cancelled().await,
        }
    }
}

/// A function that shadows the named tree in a call, but not in the check.
macro_rules! hidden {
    ($name:ident, $call:expr) => {
        mod $name {
            use super::db::*;
            use sage_supervisor::{Supervisor, supervisor};

            fn storage() -> Supervisor {
                $call
            }

            pub(super) fn app() -> Supervisor {
                supervisor! {
                    name = "app",

                    #[child(tree)]
                    entry = storage(),
                }
            }
        }
    };
}

hidden!(
    plain,
    sage_supervisor_tests::supervisor(sage_supervisor::Strategy::OneForOne).keep_alive(true)
);
hidden!(another, cache());
hidden!(wrapped, super::db::storage().name("wrapped").keep_alive(true));

async fn invalid(mut app: Supervisor) -> InvalidTree {
    match tokio::time::timeout(Duration::from_secs(1), app.run()).await {
        Ok(Err(SageError::Invalid(invalid))) => *invalid,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn another_function_of_its_name_is_no_named_tree() {
    for app in [plain::app(), another::app()] {
        let InvalidTree { path, kind, .. } = invalid(app).await;
        assert_eq!(path, "app");
        let InvalidTreeKind::TreeMismatch(_, tree) = kind else { panic!("{kind}") };
        assert_eq!(tree, "named::listed::db::storage");
    }
    let text = invalid(plain::app()).await.to_string();
    assert_eq!(
        text,
        "invalid supervision tree: supervisor `app`: child `entry` starts another tree \
         than `named::listed::db::storage`, which was checked at compile time"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_called_on_a_named_tree_makes_no_other_of_it() {
    let running = wrapped::app().start();
    running.started().await.unwrap();
    assert_eq!(running.handle().tree().await.unwrap().root.children[0].name, "wrapped");
    running.shutdown().await.unwrap();
}

supervisor! {
    fn storage() -> Supervisor {
        kill_grace = "2s",

        #[child]
        pool = async |ctx| ctx.cancelled().await,
    }

    fn quick() -> Supervisor {
        #[child(tree)]
        storage = storage().keep_alive(true),
    }

    fn slow() -> Supervisor {
        #[child(tree)]
        storage = storage().kill_grace(Duration::from_secs(10)),
    }
}

const _: () = assert!(quick::TREE.kill_grace_ms() == 2_000);
const _: () = assert!(slow::TREE.kill_grace_ms() == u64::MAX);

#[tokio::test(start_paused = true)]
async fn a_kill_grace_behind_the_call_is_not_known() {
    assert_eq!((quick::TREE.kill_grace_ms(), slow::TREE.kill_grace_ms()), (2_000, u64::MAX));
    for tree in [quick(), slow()] {
        tree.start().shutdown().await.unwrap();
    }
}

supervisor! {
    fn own(name: &'static str) -> Supervisor {
        name = name,

        #[child]
        pool = async |_| {},
    }

    fn different() -> Supervisor {
        #[child(tree)]
        cache = db::cache(),
        #[child(tree)]
        first = own("b"),
        #[child]
        storage = supervisor! {
            name = "b",

            #[child]
            pool = async |_| {},
        },
        #[cfg(any())]
        #[child(tree)]
        twice = db::cache(),
        // A value may be a supervisor with another name.
        #[child]
        own = db::storage().name("d"),
    }
}

/// Names that are known only at run time may differ.
#[tokio::test(start_paused = true)]
async fn names_that_may_differ_are_not_refused() {
    let names = different::TREE.children().iter().map(sage_supervisor::DeclaredChild::name);
    assert_eq!(names.collect::<Vec<_>>(), ["own", "first", "b", "own"]);
    assert_eq!(own::TREE.name(), "own");
    let rule = invalid(different()).await.kind;
    assert_eq!(rule, InvalidTreeKind::DuplicateName("b".to_owned()));
}
