//! The names that most programs need, to be imported together.
//!
//! ```
//! use sage_supervisor::prelude::*;
//!
//! let supervisor = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
//! # drop(supervisor);
//! ```

#[doc(no_inline)]
pub use crate::{
    AutoShutdown, Backoff, BlockingContext, ChildContext, ChildSpec, DynamicSupervisor, Every,
    IntoChild, Lent, Loan, OnceChild, PartitionedSupervisor, RestartConfig, RestartPolicy,
    SageError, SageResult, Shutdown, Strategy, Supervisor, SupervisorHandle, TemporarySiblings,
};
#[cfg(feature = "macros")]
pub use crate::{child, supervisor};
