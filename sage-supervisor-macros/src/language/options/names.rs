//! Lists of names: `clone(a, b)` and `lend(a, b)`.

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::language::diag::{Diag, Place, message};
use crate::language::split::{Form, items};

/// What becomes of the values.
pub(super) struct Fate {
    /// What `key(a, b)` does.
    does: &'static str,
    done: &'static str,
    /// What a value is bound to that has no name.
    bound: &'static str,
    may_be_empty: bool,
}

pub(super) const CLONE: Fate = Fate {
    does: "hands a clone of `a` and of `b` to every start",
    done: "cloned",
    bound: ".clone()",
    may_be_empty: true,
};

pub(super) const LEND: Fate = Fate {
    does: "lends `a` and `b` to one instance after the other",
    done: "lent",
    bound: "",
    may_be_empty: false,
};

pub(super) fn names(key: &Ident, form: Form, fate: &Fate, diag: &mut Diag) -> Vec<Ident> {
    let list = match form {
        Form::List(list) if fate.may_be_empty || !list.stream().is_empty() => list,
        Form::Wrong => return Vec::new(),
        Form::List(_) | Form::Bare | Form::Assign(_) => {
            let help = format!("`{key}(a, b)` {}", fate.does);
            diag.error(key, message(format!("`{key}` takes a list of names")).help(help));
            return Vec::new();
        }
    };
    let mut names = Vec::<Ident>::new();
    for item in items(&list) {
        match item.as_slice() {
            [TokenTree::Ident(name)] if name != "self" => {
                if names.contains(name) {
                    diag.error(name, message(format!("`{name}` is {} twice", fate.done)));
                } else {
                    names.push(name.clone());
                }
            }
            [] => {}
            [first, .., last] => not_a_name(Place::between(first, last), &item, fate, diag),
            [only] => not_a_name(only.into(), &item, fate, diag),
        }
    }
    names
}

fn not_a_name(at: Place, item: &[TokenTree], fate: &Fate, diag: &mut Diag) {
    let field = item.iter().rev().find_map(|token| match token {
        TokenTree::Ident(name) if name != "self" => Some(name.to_string()),
        _ => None,
    });
    let name = field.unwrap_or_else(|| "value".to_owned());
    let written = item.iter().cloned().collect::<TokenStream>().to_string().replace(' ', "");
    let help = format!("bind it first: `let {name} = {written}{};`", fate.bound);
    diag.error(at, message("expected a name").help(help));
}
