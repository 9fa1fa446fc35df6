//! Return types of child functions that cannot be the outcome of a child.

use proc_macro2::{Span, TokenTree};

use super::context::OTHER_TYPES;
use crate::language::signature::Signature;
use crate::language::tokens::{flatten, is_list, is_path, is_punct};

/// Returns the location of a return type that the compiler will reject. An alias is not recognised.
pub(super) fn wrong_type(signature: &Signature) -> Option<Span> {
    let output = flatten(signature.output.clone());
    // The first two tokens are the arrow.
    let ty = output.get(2..)?;
    let length = ty.iter().take_while(|token| is_path(token)).count();
    let (path, arguments) = ty.split_at(length);
    let TokenTree::Ident(name) = path.last()? else { return None };
    let is_wrong = match arguments {
        [] => OTHER_TYPES.iter().any(|other| name == other),
        [open, first, ..] if is_punct(open, '<') => {
            // A wrong guess does no harm: the location matters only if the compiler rejects the
            // type.
            name == "Option" || name == "Vec" || (name == "Result" && !is_list(first))
        }
        _ => false,
    };
    is_wrong.then(|| name.span())
}
