//! Lists of names: `clone(a, b)` and `lend(a, b)`.

use std::fmt::Display;

use proc_macro2::{Group, Ident, TokenTree};
use syn::Lit;

use crate::language::diag::{Diag, Message, Place, message};
use crate::language::split::{Form, items};
use crate::language::text::text;
use crate::language::tokens::{flatten, is_keyword, is_punct, is_word};

/// What becomes of the values.
pub(super) struct Fate {
    /// What `key(a, b)` does.
    does: &'static str,
    done: &'static str,
    /// What a value is bound to that has no name.
    bound: &'static str,
    /// How it is changed.
    mutable: &'static str,
    may_be_empty: bool,
}

pub(super) const CLONE: Fate = Fate {
    does: "hands a clone of `a` and of `b` to every start",
    done: "cloned",
    bound: ".clone()",
    mutable: "each start gets a clone, which `let mut` makes one that can be changed",
    may_be_empty: true,
};

pub(super) const LEND: Fate = Fate {
    does: "lends `a` and `b` to one instance after the other",
    done: "lent",
    bound: "",
    mutable: "what is lent can be changed without it",
    may_be_empty: false,
};

pub(super) fn names(key: &Ident, form: Form, fate: &Fate, diag: &mut Diag) -> Vec<Ident> {
    let list = match form {
        Form::List(list) if fate.may_be_empty || !list.stream().is_empty() => list,
        Form::Wrong => return Vec::new(),
        Form::List(_) | Form::Bare | Form::Assign(_) => {
            let text = message(format!("`{key}` takes a list of names"));
            let text = match assigned(&form) {
                Some(names) => text.help(format!("write `{key}({names})`")),
                None => text.help(format!("`{key}(a, b)` {}", fate.does)),
            };
            diag.error(key, text);
            return Vec::new();
        }
    };
    let mut names = Vec::<Ident>::new();
    for item in list_items(&list, diag) {
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

/// The names in `clone = [a, b]`.
fn assigned(form: &Form) -> Option<String> {
    let Form::Assign(value) = form else { return None };
    let tokens = match flatten(value.clone()).as_slice() {
        [TokenTree::Group(group)] => flatten(group.stream()),
        tokens => tokens.to_vec(),
    };
    let names = |token: &TokenTree| match token {
        TokenTree::Ident(name) => name != "self",
        token => is_punct(token, ','),
    };
    (!tokens.is_empty() && tokens.iter().all(names)).then(|| text(&tokens))
}

/// The items of the list; two names without a comma between them are two items.
fn list_items(list: &Group, diag: &mut Diag) -> Vec<Vec<TokenTree>> {
    let mut all = Vec::new();
    for item in items(list) {
        let is_name =
            |token: &TokenTree| matches!(token, TokenTree::Ident(name) if !is_keyword(name));
        if item.len() > 1 && item.iter().all(|token| is_name(token) || is_punct(token, ';')) {
            let written = item.iter().filter(|token| is_name(token)).collect::<Vec<_>>();
            for pair in written.windows(2) {
                let text = message(format!("expected `,` after `{}`", pair[0]));
                diag.error(pair[0], text.help("write a comma behind it"));
            }
            all.extend(written.into_iter().map(|name| vec![name.clone()]));
        } else {
            all.push(item);
        }
    }
    all
}

fn not_a_name(at: Place, item: &[TokenTree], fate: &Fate, diag: &mut Diag) {
    let written = text(item);
    let plain = item.iter().find_map(|token| match token {
        TokenTree::Ident(name) if name != "mut" && name != "self" => Some(name.to_string()),
        _ => None,
    });
    let found = message("expected a name");
    let text = match (item, plain) {
        // `&db`, `mut db`, `*db`
        ([before @ .., TokenTree::Ident(name)], Some(plain))
            if *name == plain && before.iter().all(is_prefix) =>
        {
            let text = found.help(format!("write `{name}`"));
            match before.iter().any(|token| is_word(token, "mut")) {
                true => text.note(fate.mutable),
                false => text,
            }
        }
        // `db.clone()`
        ([TokenTree::Ident(name), _, TokenTree::Ident(method), TokenTree::Group(_)], _)
            if method == "clone" && name != "self" =>
        {
            found.help(format!("write `{name}`"))
        }
        // `db as pool`, `pool = db`
        ([TokenTree::Ident(value), TokenTree::Ident(word), TokenTree::Ident(name)], _)
            if word == "as" =>
        {
            bind(found, name, &value.to_string(), fate)
        }
        ([TokenTree::Ident(name), equals, value @ ..], _) if is_punct(equals, '=') => {
            bind(found, name, &text(value), fate)
        }
        ([TokenTree::Ident(this)], _) => bind(found, &"this", &this.to_string(), fate),
        ([TokenTree::Literal(literal)], _) => match Lit::new(literal.clone()) {
            Lit::Str(text) if !text.value().is_empty() => {
                found.help(format!("write `{}`", text.value()))
            }
            _ => found,
        },
        ([TokenTree::Punct(_)], _) => found,
        _ => {
            let named = |token: &TokenTree| match token {
                TokenTree::Ident(name) if name != "self" => Some(name.to_string()),
                _ => None,
            };
            let name = item.iter().rev().find_map(named).unwrap_or_else(|| "value".to_owned());
            bind(found, &name, &written, fate)
        }
    };
    diag.error(at, text);
}

fn is_prefix(token: &TokenTree) -> bool {
    is_punct(token, '&') || is_punct(token, '*') || is_word(token, "mut") || is_word(token, "ref")
}

fn bind(text: Message, name: &dyn Display, value: &str, fate: &Fate) -> Message {
    text.help(format!("bind it first: `let {name} = {value}{};`", fate.bound))
}
