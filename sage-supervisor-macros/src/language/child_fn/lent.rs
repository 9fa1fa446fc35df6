//! Arguments of type `Lent<..>`, such as `inbox: Lent<Receiver<u32>>`.

use proc_macro2::TokenStream;

use crate::language::signature::Argument;
use crate::language::tokens::{flatten, is_path, is_punct, is_word};

/// Returns the type of the lent value, or `None` if the argument is not a `Lent<..>`. An alias of
/// such a type is not recognised.
pub(super) fn lent_type(argument: &Argument) -> Option<TokenStream> {
    let tokens = flatten(argument.ty.clone());
    let open = tokens.iter().position(|token| is_punct(token, '<'))?;
    let (path, rest) = tokens.split_at(open);
    let [_, value @ .., last] = rest else { return None };
    let is_lent = path.iter().all(is_path) && path.last().is_some_and(|t| is_word(t, "Lent"));
    (is_lent && is_punct(last, '>')).then(|| value.iter().cloned().collect())
}

/// Returns the type that the constructor takes for the argument.
pub(super) fn constructor_type(argument: &Argument) -> TokenStream {
    lent_type(argument).unwrap_or_else(|| argument.ty.clone())
}
