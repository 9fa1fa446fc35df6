//! The place of a child in a declared tree.

use super::{DeclaredChild, DeclaredTree};
use crate::Text;

/// A child, and the supervisors above it. The places are linked through the stack frames of the
/// functions that walk down the tree, because a constant cannot allocate a list.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The supervisor of the child.
    pub(super) tree: &'a DeclaredTree<'a>,
    pub(super) child: &'a DeclaredChild<'a>,
    /// The place of that supervisor, unless it is the root.
    pub(super) above: Option<&'a Self>,
}

impl<'a> Place<'a> {
    pub(super) const fn new(
        tree: &'a DeclaredTree<'a>,
        number: usize,
        above: Option<&'a Self>,
    ) -> Self {
        Self { tree, child: &tree.children[number], above }
    }

    /// Adds the path without the name of the root.
    pub(super) const fn push_path(&self, text: &mut Text) {
        if let Some(above) = self.above {
            above.push_path(text);
            text.push("/");
        }
        text.push(self.child.name);
    }
}
