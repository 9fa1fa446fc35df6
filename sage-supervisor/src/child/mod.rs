//! The parts of a child: its declaration, its context, and its instances.

mod beat;
pub(crate) mod blocking;
mod context;
mod declaration;
mod future;
pub(crate) mod id;
mod instance;
mod into_child;
mod kind;
mod lending;
mod lent;
mod lineage;
mod once;
mod outcome;
#[cfg(feature = "process")]
pub(crate) mod process;
mod settings;
mod spec;
mod stop;
mod wake_list;

pub(crate) use self::beat::Beat;
pub use self::blocking::BlockingContext;
pub(crate) use self::context::{ContextExtras, EngineLink};
pub(crate) use self::declaration::{Declaration, Dynamic, RunState, RunsElsewhere};
pub(crate) use self::future::labelled;
pub(crate) use self::instance::{Instance, Report};
pub(crate) use self::kind::{Kind, TaskStart};
pub use self::lent::Lent;
#[cfg(feature = "macros")]
pub(crate) use self::lent::lending;
#[cfg(feature = "macros")]
pub use self::lent::{Loan, Loans};
pub(crate) use self::lineage::Lineage;
pub use self::once::OnceChild;
#[cfg(feature = "macros")]
pub(crate) use self::outcome::Never;
#[cfg(feature = "process")]
pub use self::process::CommandSpec;
#[cfg(feature = "process")]
pub(crate) use self::process::ProcessLink;
pub use self::{context::ChildContext, into_child::IntoChild, outcome::Outcome, spec::ChildSpec};
