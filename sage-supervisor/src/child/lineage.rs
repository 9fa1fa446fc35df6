//! Where in the tree something stands.

use std::fmt;
use std::sync::Arc;

/// A path from the root, as a chain of shared names: one pointer for each who knows it, and text
/// only when somebody asks.
#[derive(Clone)]
pub(crate) struct Lineage(Arc<Node>);

struct Node {
    name: Arc<str>,
    parent: Option<Lineage>,
}

impl Lineage {
    pub(crate) fn root(name: Arc<str>) -> Self {
        Self(Arc::new(Node { name, parent: None }))
    }

    pub(crate) fn below(&self, name: Arc<str>) -> Self {
        Self(Arc::new(Node { name, parent: Some(self.clone()) }))
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// How many supervisors it leads through, the root included.
    pub(crate) fn depth(&self) -> usize {
        std::iter::successors(Some(self), |lineage| lineage.0.parent.as_ref()).count()
    }

    /// The path of the child called `name`.
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
