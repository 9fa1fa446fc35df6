//! Where a child stands in a declared tree.

use super::{StaticChild, StaticTree};

#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Whose child it is.
    pub(super) tree: &'a StaticTree,
    pub(super) child: &'a StaticChild,
    /// Where that supervisor stands, unless it is the root.
    pub(super) above: Option<&'a Self>,
}

impl<'a> Place<'a> {
    pub(super) const fn new(tree: &'a StaticTree, number: usize, above: Option<&'a Self>) -> Self {
        Self { tree, child: &tree.children[number], above }
    }
}
