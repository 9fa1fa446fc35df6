//! From the model to tokens.
//!
//! There is always an expansion: a value that is missing or was reported becomes a default of the
//! same type, so that the compiler still checks everything else and an editor still completes
//! names.

mod backoff;
mod checks;
mod closures;
mod declared;
mod named;
mod settings;
mod supervisor;
mod values;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use self::closures::{judged, pattern};
pub(crate) use self::named::named_tree;
pub(crate) use self::settings::options;

use self::supervisor::{checked, supervisor};
use crate::language::diag::Diag;
use crate::language::krate::Krate;
use crate::language::model::Tree;

/// Returns the expression of a block, with its mistakes or with the checks that are left to the
/// compiler.
pub(crate) fn expand(block: &Tree, krate: &Krate, diag: Diag) -> TokenStream {
    let supervisor = supervisor(block, krate);
    if diag.is_empty() {
        return checked(block, supervisor, krate);
    }
    // After a mistake, the checks for the compiler are left out: they would judge a tree that is
    // not the one that was meant.
    let mistakes = diag.into_tokens();
    quote!({ #mistakes #supervisor })
}
