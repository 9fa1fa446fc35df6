//! The parts of a child: its declaration, its context, and its instances.

mod beat;
pub(crate) mod blocking;
mod cancelled;
mod context;
mod declaration;
mod every;
mod future;
mod instance;
mod into_child;
mod joiner;
mod judge;
mod kind;
mod lending;
mod lent;
mod loan;
#[cfg(not(feature = "process"))]
mod no_process;
mod once;
mod outcome;
pub(crate) mod partition;
mod period;
mod periodic;
mod pool;
mod probe;
mod probed;
#[cfg(feature = "process")]
pub(crate) mod process;
mod same;
mod schedule;
mod settings;
mod settled;
mod signs;
mod spanned;
mod spec;
mod stop;
mod stop_reason;
mod verdict;
mod wake_list;

pub(crate) use self::beat::{Beat, Since};
pub use self::blocking::BlockingContext;
pub use self::cancelled::CancelledOwned;
pub(crate) use self::context::{ContextExtras, Signs, WeakContext};
pub(crate) use self::declaration::{Declaration, Dynamic, RunsElsewhere};
pub use self::every::Every;
pub(crate) use self::future::labelled;
pub(crate) use self::instance::{Instance, Report};
pub(crate) use self::kind::{Kind, TaskStart};
pub use self::lent::Lent;
#[cfg(feature = "macros")]
pub(crate) use self::lent::lending;
#[cfg(feature = "macros")]
pub use self::lent::{Claim, Claims};
pub use self::loan::Loan;
pub use self::once::OnceChild;
#[cfg(feature = "macros")]
pub(crate) use self::outcome::Never;
pub(crate) use self::periodic::{periodic, periodic_thread};
pub(crate) use self::probe::{Probe, Reach};
pub(crate) use self::probed::probed;
#[cfg(feature = "process")]
pub(crate) use self::process::ProcessLink;
#[cfg(feature = "process")]
pub use self::process::{
    CommandSpec, ParseProcessSignalError, ProcessIo, ProcessSignal, ProcessStdin, ProcessStdout,
};
pub(crate) use self::schedule::Schedule;
pub(crate) use self::settled::{TaskEnd, TaskOwner};
pub(crate) use self::spanned::{InstanceSpan, spanned};
pub use self::stop_reason::StopReason;
pub use self::{context::ChildContext, into_child::IntoChild, outcome::Outcome, spec::ChildSpec};

/// The scope of a run, as the crate uses it: the child that a command starts is a [`ChildSpec`].
///
/// A scope is below the children in the order of the modules, so it is generic over the spec. In this
/// way a context holds its scope, and a scope's mailbox holds specs, without a cast.
pub(crate) type Scope = crate::scope::Scope<ChildSpec>;
/// The messages to an engine.
pub(crate) type Message = crate::scope::Message<ChildSpec>;
/// The commands to an engine.
pub(crate) type Command = crate::scope::Command<ChildSpec>;
/// The commands with a path.
pub(crate) type Request = crate::scope::Request<ChildSpec>;
/// The operations of a [`Request`].
pub(crate) type Operation = crate::scope::Operation<ChildSpec>;
/// The child of a command that starts one.
pub(crate) type Start = crate::scope::Start<ChildSpec>;
