//! A framework that hands the supervisor on: its users need not depend on it themselves.

pub use otp::{ChildContext, SageResult, Supervisor, child, supervisor as tree};

/// The crate itself, for `#[child(crate = ..)]`.
pub mod supervision {
    pub use otp::*;
}
