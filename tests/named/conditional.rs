//! Entries that a `#[cfg(..)]` removes are no part of the tree.

use sage_supervisor::{Supervisor, supervisor};

supervisor! {
    fn conditional() -> Supervisor {
        shutdown_budget = "30s",

        #[cfg(all())]
        #[child(shutdown = "10s")]
        signals = async |_| {},

        #[cfg(all())]
        #[child(shutdown = "10s")]
        sockets = async |_| {},

        #[cfg(any())]
        #[child(shutdown = "30s")]
        console = this_does_not_exist,

        #[child(shutdown = "10s")]
        nested = supervisor! {
            shutdown_budget = "10s",

            #[cfg(all())]
            #[child(shutdown = "10s")]
            pool = async |_| {},

            #[cfg(any())]
            #[child(shutdown = "10s")]
            cache = this_does_not_exist,

            #[cfg(any())]
            #[child(shutdown = "1s")]
            deep = supervisor! {
                shutdown_budget = "1s",

                #[cfg(any())]
                #[child(tree)]
                missing = this::does::not::exist(),

                #[child(shutdown = "1h")]
                pool = async |_| {},
            },
        },
    }
}

#[test]
fn what_is_configured_out_counts_for_no_budget() {
    assert_eq!(conditional::TREE.worst_case_shutdown_ms(), 30_000);
    drop(conditional());
}

supervisor! {
    fn alternatives() -> Supervisor {
        #[cfg(any())]
        #[child(shutdown = "1h")]
        signals = this_does_not_exist,
        #[cfg(all())]
        #[child(shutdown = "2s")]
        signals = async |_| {},
        #[cfg(any())]
        #[child]
        gone = supervisor! {
            #[child]
            gone = this_does_not_exist,
        },
    }
}

#[test]
fn what_is_configured_out_is_no_part_of_the_tree() {
    let drawing = "\
alternatives  one_for_one, 5 restarts in 1m, 2s to stop
└─ signals    permanent  2s to stop  6 starts";
    assert_eq!(alternatives::TREE.to_string(), drawing);
    drop(alternatives());
}
