#![deny(warnings)]

use sage_supervisor::supervisor;

fn main() {
    let supervisor = supervisor! {
        /// Listens for signals.
        #[cfg(any())]
        #[child]
        worker = this_does_not_exist,

        /// Listens for signals.
        #[cfg(all())]
        #[child]
        worker = |_| async {},

        #[allow(unused_variables)]
        #[child(restart = "temporary")]
        #[expect(non_snake_case, reason = "passes through")]
        quiet = async |CTX| {},
    };
    drop(supervisor);

    // Only one of these children exists, so their times are not added up.
    drop(supervisor! {
        shutdown_budget = "30s",

        #[cfg(unix)]
        #[child(shutdown = "20s")]
        signals = |_| async {},

        #[cfg(not(unix))]
        #[child(shutdown = "20s")]
        signals = |_| async {},
    });

    drop(supervisor! {
        #[cfg(any())]
        #[child]
        worker = |_| async {},
    });
}
