//! The arguments of `#[child(..)]`, on entries and on functions.

mod keys;
mod malformed;
mod names;
mod read;
mod unknown;

use proc_macro2::{Delimiter, TokenTree};

#[cfg(test)]
pub(crate) use self::keys::ON_FUNCTIONS;
pub(crate) use self::keys::{ON_ENTRIES, On};
pub(crate) use self::read::read;

use self::malformed::malformed;
use crate::language::diag::Diag;
use crate::language::model::Options;
use crate::language::split::Attribute;

/// Reads the options of a `#[child]` or `#[child(..)]` on an entry.
pub(crate) fn of_attribute(attribute: &Attribute, diag: &mut Diag) -> Options {
    let arguments = attribute.arguments();
    match arguments.as_slice() {
        [] => Options::default(),
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            read(group.stream(), On::Entry, diag)
        }
        other => malformed(other, diag),
    }
}
