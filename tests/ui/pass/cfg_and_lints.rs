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

    drop(supervisor! {
        #[cfg(any())]
        #[child]
        worker = |_| async {},
    });
}
