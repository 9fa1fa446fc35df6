//! Rules against constants in `clone(..)` and `lend(..)`. The names of these lists become patterns,
//! in which a constant would be compared instead of bound.

use proc_macro2::Ident;

use crate::language::diag::{Diag, message};
use crate::language::model::{Child, listed};

pub(super) fn are_not_listed(child: &Child, diag: &mut Diag) {
    let (cloned, lent) = (listed(&child.options.clone), listed(&child.options.lend));
    let rule = "a name in capitals is a constant or a static, which any closure can use";
    for name in cloned.iter().filter(|name| is_constant(name)) {
        let text = message("a constant needs no clone");
        diag.error(name, text.help(remove("clone", name, cloned)).note(rule));
    }
    for name in lent.iter().filter(|name| is_constant(name) && !cloned.contains(name)) {
        let text = message("a constant cannot be lent");
        diag.error(name, text.help(remove("lend", name, lent)).note(rule));
    }
}

fn remove(key: &str, name: &Ident, list: &[Ident]) -> String {
    match list {
        [_] => format!("remove `{key}({name})`"),
        _ => format!("remove `{name}` from the list"),
    }
}

/// Returns whether the name is written in capitals, as constants are.
pub(crate) fn is_constant(name: &Ident) -> bool {
    let name = name.to_string();
    name.contains(char::is_uppercase) && !name.contains(char::is_lowercase)
}
