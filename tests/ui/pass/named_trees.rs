//! Named trees wherever an item can stand, and every kind of function, free of lints.
#![forbid(warnings, missing_docs, missing_debug_implementations, missing_copy_implementations)]
#![forbid(non_camel_case_types, dead_code, unreachable_pub, unused, unnameable_types)]
#![forbid(rust_2018_idioms, unused_qualifications, single_use_lifetimes)]

use sage_supervisor::{ChildContext, Supervisor, supervisor};

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

supervisor! {
    /// Storage: the pool first, then the cache.
    ///
    /// More of it.
    #[inline]
    #[must_use = "it does nothing by itself"]
    pub fn storage<T, const N: usize>(
        config: T,
        (_first, _second): (u8, [u8; N]),
        _name: impl Into<String>,
    ) -> Supervisor
    where
        T: Clone + Send + Sync + 'static,
        [u8; N]: Sized,
    {
        strategy = "rest_for_one",
        backoff = |failures| std::time::Duration::from_secs(1) * failures,

        /// Connections.
        #[child(shutdown = "20s", clone(config))]
        pool = async move |_| drop(config),

        #[child(shutdown = "1s")]
        cache = worker,
    }

    fn pipeline() -> Supervisor {
        let (orders, inbox) = tokio::sync::mpsc::channel::<String>(8);
        #[cfg(unix)]
        let limit = 3;
        #[cfg(not(unix))]
        let limit = 4;

        max_restarts = limit,

        #[child(lend(inbox))]
        writes = async move |_| drop(inbox.recv().await),

        #[child(clone(orders))]
        reads = async move |_| drop(orders.send(String::new()).await),
    }

    fn signals() -> Supervisor {
        /// Either of them exists.
        #[cfg(unix)]
        #[child]
        signals = async |ctx| ctx.cancelled().await,

        #[cfg(not(unix))]
        #[child(shutdown = "1h")]
        signals = this_does_not_exist,
    }

    /// All of it.
    pub fn app() -> Supervisor {
        shutdown_budget = "40s",

        #[child(tree)]
        storage = storage::<Option<u8>, 3>(None, (1, [2; 3]), "a"),

        #[child(tree, restart = "permanent", shutdown = "30s")]
        signals = signals().keep_alive(true).kill_grace(std::time::Duration::from_secs(2)),

        /// There is nothing behind it.
        #[cfg(any())]
        #[child(tree, shutdown = "1s")]
        gone = nowhere::gone(),

        #[cfg(any())]
        #[child]
        nested = supervisor! {
            shutdown_budget = "1s",

            #[child(tree, shutdown = "1s")]
            gone = nowhere::gone(),
        },
    }

    #[cfg(any())]
    pub fn gone() -> Supervisor {
        #[child(tree)]
        gone = nowhere::gone(),
    }

    /// In front of another.
    #[doc(hidden)]
    pub fn hidden() -> Supervisor {
        keep_alive = true,
    }
}

const _: () = storage::TREE.assert_fits_within_ms(25_000);
const _: () = assert!(app::TREE.worst_case_shutdown_ms() == u64::MAX || app::TREE.children().len() == 2);

/// Others.
pub mod others {
    use sage_supervisor::supervisor;

    pub(crate) type Supervisor = sage_supervisor::Supervisor;

    supervisor! {
        pub(crate) fn r#match() -> Supervisor {
            #[child(tree)]
            deep = deep::inner(),
        }

        pub(super) fn up() -> Supervisor {
            name = "upper",

            #[child]
            a = async |ctx| ctx.cancelled().await,
        }
    }

    mod deep {
        sage_supervisor::supervisor! {
            pub(in crate::others) fn inner() -> super::Supervisor {
                #[child]
                a = async |ctx| ctx.cancelled().await,
            }
        }
    }
}

macro_rules! trees {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident = $start:expr;)*) => {
        supervisor! {
            $($(#[$meta])* $vis fn $name() -> Supervisor {
                $(#[$meta])*
                #[child(tree)]
                storage = $start,
            })*
        }
    };
}

trees! {
    /// From a macro.
    pub fn first = signals();
    /// From a macro.
    fn second = others::up();
}

fn generic<T: Clone + Send + Sync + 'static>(value: T) -> Supervisor {
    supervisor! {
        fn local() -> Supervisor {
            #[child(tree)]
            signals = signals(),
        }
    }

    supervisor! {
        shutdown_budget = "1m",

        #[child(tree, shutdown = "30s")]
        storage = storage(value, (1, []), "b"),

        #[child]
        nested = supervisor! {
            #[child(tree)]
            local = local(),

            #[child(tree)]
            raw = others::r#match(),

            #[child(shutdown = "10s")]
            deep = supervisor! {
                #[child(tree, shutdown = "6s")]
                up = others::up(),
            },
        },
    }
}

fn main() {
    const _: () = signals::TREE.assert_fits_within_ms(5_000);
    drop((app(), hidden(), generic("c"), first(), second(), pipeline()));
}
