//! The path of a supervisor in its tree.

use std::fmt;
use std::sync::Arc;

/// A path from the root, as a linked list of shared names. A clone costs one pointer, and the text
/// is made only when somebody asks for it.
#[derive(Clone)]
pub(crate) struct Lineage(Arc<Node>);

struct Node {
    name: Arc<str>,
    parent: Option<Lineage>,
}

impl Lineage {
    /// The path of a root called `name`.
    pub(crate) fn root(name: Arc<str>) -> Self {
        Self(Arc::new(Node { name, parent: None }))
    }

    /// The path of the child called `name`, as a supervisor with children of its own.
    pub(crate) fn below(&self, name: Arc<str>) -> Self {
        Self(Arc::new(Node { name, parent: Some(self.clone()) }))
    }

    /// The last name of the path.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// The number of supervisors on the path, the root and the last one included.
    pub(crate) fn depth(&self) -> usize {
        std::iter::successors(Some(self), |lineage| lineage.0.parent.as_ref()).count()
    }

    /// The path of the child called `name`, as text.
    pub(crate) fn join(&self, name: &str) -> String {
        format!("{self}/{name}")
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let upwards = std::iter::successors(Some(self), |lineage| lineage.0.parent.as_ref());
        let names: Vec<&str> = upwards.map(|lineage| &*lineage.0.name).collect();
        names.iter().rev().enumerate().try_for_each(|(depth, name)| {
            f.write_str(if depth > 0 { "/" } else { "" })?;
            f.write_str(name)
        })
    }
}
