//! The children that a dynamic supervisor can start.

use std::sync::Arc;

use crate::child::{ChildSpec, OnceChild};

/// A child that a [`DynamicSupervisor`](crate::DynamicSupervisor) can start: a [`ChildSpec`], an [`OnceChild`], an
/// `Arc<ChildSpec>`, which is a template that any number of children share, or a supervisor of any kind.
///
/// The name of the child is derived from that of the spec or supervisor. A supervisor that was given no
/// name is called `supervisor`, and a named tree by its function.
#[derive(Debug)]
pub struct DynamicSpec {
    pub(super) spec: Arc<ChildSpec>,
    pub(super) is_shared: bool,
}

#[diagnostic::do_not_recommend]
impl From<ChildSpec> for DynamicSpec {
    fn from(spec: ChildSpec) -> Self {
        Self { spec: Arc::new(spec), is_shared: false }
    }
}

#[diagnostic::do_not_recommend]
impl From<OnceChild> for DynamicSpec {
    fn from(child: OnceChild) -> Self {
        child.into_spec().into()
    }
}

#[diagnostic::do_not_recommend]
impl From<Arc<ChildSpec>> for DynamicSpec {
    fn from(spec: Arc<ChildSpec>) -> Self {
        Self { spec, is_shared: true }
    }
}
