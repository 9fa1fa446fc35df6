//! The stages in front of the expansion, in their order.

use proc_macro2::{Ident, TokenStream};

use crate::language::diag::{Diag, Place};
use crate::language::model::Tree;
use crate::language::split::List;
use crate::language::{analyze, check, lower};

/// Returns the model of a block, and reports all its mistakes.
pub(crate) fn checked_tree(
    block: TokenStream,
    list: List,
    place: Place,
    function: Option<Ident>,
    diag: &mut Diag,
) -> Tree {
    let tree = Tree { function, ..lower::tree(block, list, place, diag) };
    check::check(&tree, diag);
    analyze::analyze(&tree, diag);
    tree
}
