//! A framework that re-exports the supervisor, so that its users need not depend on it themselves.

pub use otp::{ChildContext, DeclaredTree, SageResult, Supervisor, child, supervisor as tree};

tree! {
    /// The tree that every user of the framework has.
    pub fn base() -> Supervisor {
        auto_shutdown = "any_significant",

        /// Ends at once.
        #[child(restart = "temporary", significant, shutdown = "2s")]
        last = async |_| {},
    }
}

tree! {
    /// With a name that is a keyword.
    pub fn r#loop() -> Supervisor {
        auto_shutdown = "any_significant",

        #[child(tree)]
        base = base(),

        /// Ends at once.
        #[child(restart = "temporary", significant, shutdown = "2s")]
        r#match = async |_| {},
    }
}

/// The crate itself, for `#[child(crate = ..)]`.
pub mod supervision {
    pub use otp::*;
}
