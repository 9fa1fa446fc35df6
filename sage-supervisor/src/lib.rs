//! OTP-style supervision trees for tokio.
#![doc(test(attr(deny(warnings))))]

mod child;
mod contain;
mod engine;
mod error;
mod event;
mod exit;
mod handle;
#[cfg(feature = "macros")]
mod macros;
mod restart;
mod running;
mod shutdown;
#[cfg(feature = "signal")]
mod signal;
mod strategy;
mod supervisor;

#[cfg(feature = "macros")]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use child::{ChildContext, ChildSpec, IntoChild, Outcome};
pub use contain::ChildPanic;
pub use error::{
    BoxError, InvalidRule, InvalidTree, RestartLimitReached, SageError, SageResult, Unresponsive,
};
pub use exit::{Exit, ExitError};
pub use handle::SupervisorHandle;
#[cfg(feature = "macros")]
pub use macros::child;
pub use restart::{RestartConfig, RestartPolicy};
pub use running::RunningSupervisor;
pub use shutdown::Shutdown;
pub use strategy::Strategy;
pub use supervisor::Supervisor;
