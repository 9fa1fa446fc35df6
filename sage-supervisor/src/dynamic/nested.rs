//! Supervisors as the children of a dynamic supervisor.

use super::{DynamicSpec, DynamicSupervisor};
use crate::child::{IntoChild, Kind};
use crate::partitioned::PartitionedSupervisor;
use crate::supervisor::Supervisor;

/// The name of a supervisor that was given none, from which the name of the child is derived.
const UNNAMED: &str = "supervisor";

fn nested(supervisor: impl IntoChild) -> DynamicSpec {
    let spec = supervisor.into_child(UNNAMED.to_owned());
    let function = match spec.kind() {
        Kind::Supervisor(nested) if nested.name.is_none() && nested.function.is_some() => {
            Some(nested.root_name().to_string())
        }
        _ => None,
    };
    match function {
        Some(name) => spec.named(name).into(),
        None => spec.into(),
    }
}

#[diagnostic::do_not_recommend]
impl From<Supervisor> for DynamicSpec {
    fn from(supervisor: Supervisor) -> Self {
        nested(supervisor)
    }
}

#[diagnostic::do_not_recommend]
impl From<DynamicSupervisor> for DynamicSpec {
    fn from(supervisor: DynamicSupervisor) -> Self {
        nested(supervisor)
    }
}

#[diagnostic::do_not_recommend]
impl From<PartitionedSupervisor> for DynamicSpec {
    fn from(supervisor: PartitionedSupervisor) -> Self {
        nested(supervisor)
    }
}
