//! Arguments that are lent: `inbox: Lent<Receiver<u32>>`.

use proc_macro2::TokenStream;

use crate::language::signature::Argument;
use crate::language::tokens::{flatten, is_path, is_punct, is_word};

/// The type of the value, if the argument is a `Lent<..>` of it, also behind a path. An alias of such
/// a type is not seen through.
pub(super) fn value(argument: &Argument) -> Option<TokenStream> {
    let tokens = flatten(argument.ty.clone());
    let open = tokens.iter().position(|token| is_punct(token, '<'))?;
    let (path, rest) = tokens.split_at(open);
    let [_, value @ .., last] = rest else { return None };
    let is_lent = path.iter().all(is_path) && path.last().is_some_and(|t| is_word(t, "Lent"));
    (is_lent && is_punct(last, '>')).then(|| value.iter().cloned().collect())
}

/// The type that the constructor takes.
pub(super) fn given(argument: &Argument) -> TokenStream {
    value(argument).unwrap_or_else(|| argument.ty.clone())
}
