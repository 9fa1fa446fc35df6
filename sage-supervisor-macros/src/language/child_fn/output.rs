//! What a child function returns, where that is plainly no outcome.

use proc_macro2::{Span, TokenTree};

use super::context::OTHER_TYPES;
use crate::language::signature::Signature;
use crate::language::tokens::{flatten, is_list, is_path, is_punct};

/// The type that was written, which the compiler will not take. An alias is not seen through.
pub(super) fn wrong(signature: &Signature) -> Option<Span> {
    let output = flatten(signature.output.clone());
    let ty = output.get(2..)?;
    let length = ty.iter().take_while(|token| is_path(token)).count();
    let (path, arguments) = ty.split_at(length);
    let TokenTree::Ident(name) = path.last()? else { return None };
    let is_wrong = match arguments {
        [] => OTHER_TYPES.iter().any(|other| name == other),
        [open, first, ..] if is_punct(open, '<') => {
            name == "Option" || name == "Vec" || (name == "Result" && !is_list(first))
        }
        _ => false,
    };
    is_wrong.then(|| name.span())
}
