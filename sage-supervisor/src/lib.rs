//! OTP-style supervision trees for tokio.
#![doc(test(attr(deny(warnings))))]

mod child;
mod contain;
mod engine;
mod error;
mod event;
mod exit;
mod handle;
mod restart;
mod running;
mod shutdown;
mod strategy;
mod supervisor;

pub use child::{ChildContext, ChildSpec, IntoChild, Outcome};
pub use contain::ChildPanic;
pub use error::{
    BoxError, InvalidRule, InvalidTree, RestartLimitReached, SageError, SageResult, Unresponsive,
};
pub use exit::{Exit, ExitError};
pub use handle::SupervisorHandle;
pub use restart::{RestartConfig, RestartPolicy};
pub use running::RunningSupervisor;
pub use shutdown::Shutdown;
pub use strategy::Strategy;
pub use supervisor::Supervisor;
