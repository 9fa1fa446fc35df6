//! The readers of lists of names: `clone(a, b)` and `lend(a, b)`.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::Lit;

use crate::language::diag::{Diag, Message, Place, message};
use crate::language::model::Names;
use crate::language::split::{Form, items};
use crate::language::text::text;
use crate::language::tokens::{flatten, is_keyword, is_punct, is_word};

/// The texts about the values of one list.
pub(super) struct Handover {
    /// The effect of `key(a, b)`.
    does: &'static str,
    /// The participle: "`a` is cloned twice".
    done: &'static str,
    /// The method on a value without a name, in the help to bind the value first.
    bound: &'static str,
    /// The reason why a name cannot have a `mut`, if it cannot.
    mutable: Option<&'static str>,
}

pub(super) const CLONE: Handover = Handover {
    does: "hands a clone of `a` and of `b` to every start",
    done: "cloned",
    bound: ".clone()",
    mutable: None,
};

pub(super) const LEND: Handover = Handover {
    does: "lends `a` and `b` to one instance after the other",
    done: "lent",
    bound: "",
    mutable: Some("a lent value can be changed without `mut`"),
};

/// Reads a list of names.
pub(super) fn names(key: &Ident, form: Form, handover: &Handover, diag: &mut Diag) -> Names {
    let list = match form {
        Form::List(list) if !list.stream().is_empty() => list,
        Form::Wrong => return Names::default(),
        Form::List(_) | Form::Bare | Form::Assign(_) => {
            let text = message(format!("`{key}` takes a list of names"));
            let text = match assigned(&form) {
                Some(names) => text.help(format!("write `{key}({names})`")),
                None => text.help(format!("`{key}(a, b)` {}", handover.does)),
            };
            diag.error(key, text);
            return Names::default();
        }
    };
    let mut names = Names::default();
    for item in list_items(&list, diag) {
        match item.as_slice() {
            [TokenTree::Ident(name)] if name != "self" => {
                add(name.clone(), None, &mut names, handover, diag);
            }
            [TokenTree::Ident(word), TokenTree::Ident(name)]
                if word == "mut" && name != "self" && handover.mutable.is_none() =>
            {
                if add(name.clone(), None, &mut names, handover, diag) {
                    names.mutable.push((name.clone(), word.clone()));
                }
            }
            [] => {}
            [first, .., last] => {
                not_a_name(Place::between(first, last), &item, &mut names, handover, diag);
            }
            [only] => not_a_name(only.into(), &item, &mut names, handover, diag),
        }
    }
    names
}

/// Adds the name, or reports that the list has it already. Returns whether it is new.
fn add(
    name: Ident,
    value: Option<TokenStream>,
    names: &mut Names,
    handover: &Handover,
    diag: &mut Diag,
) -> bool {
    if names.all.contains(&name) {
        diag.error(&name, message(format!("`{name}` is {} twice", handover.done)));
        return false;
    }
    names.values.extend(value.map(|value| (name.clone(), value)));
    names.all.push(name);
    true
}

/// Returns the names that were assigned instead of listed: `clone = [a, b]`.
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

/// Returns the items of the list. Two names without a comma between them are two items.
fn list_items(list: &Group, diag: &mut Diag) -> Vec<Vec<TokenTree>> {
    let mut all = Vec::new();
    for item in items(list) {
        let is_name =
            |token: &TokenTree| matches!(token, TokenTree::Ident(name) if !is_keyword(name));
        // Keywords do not count as names, because `mut a` is one item.
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

/// The probable meaning of an item that is not a name: a variable, or a value that has no variable
/// yet.
enum Meant {
    Variable(Ident),
    Value(Ident, Vec<TokenTree>),
    Unknown,
}

/// Reports the item, and adds the name that was probably meant, so that the closure finds its
/// variable.
fn not_a_name(
    at: Place,
    item: &[TokenTree],
    names: &mut Names,
    handover: &Handover,
    diag: &mut Diag,
) {
    let found = message("expected a name");
    match meant(item) {
        Meant::Variable(name) => {
            let text = found.help(format!("write `{name}`"));
            let mutable = item.iter().any(|token| is_word(token, "mut"));
            let rule = handover.mutable.filter(|_| mutable);
            diag.error(at, rule.into_iter().fold(text, Message::note));
            // The item was reported, so nothing is reported if the list has the name already.
            add(name, None, names, handover, &mut Diag::default());
        }
        Meant::Value(name, value) => {
            let edit = format!("bind it first: `let {name} = {}{};`", text(&value), handover.bound);
            diag.error(at, found.help(edit));
            add(name, Some(value.into_iter().collect()), names, handover, &mut Diag::default());
        }
        Meant::Unknown => {
            let text = match item {
                // `self` cannot be bound by a `let`, so the help uses another name.
                [TokenTree::Ident(this)] => {
                    found.help(format!("bind it first: `let this = {this}{};`", handover.bound))
                }
                _ => found,
            };
            diag.error(at, text);
        }
    }
}

fn meant(item: &[TokenTree]) -> Meant {
    match item {
        // `&db`, `*db`
        [before @ .., TokenTree::Ident(name)]
            if !before.is_empty() && before.iter().all(is_prefix) && name != "self" =>
        {
            Meant::Variable(name.clone())
        }
        // `db.clone()`
        [TokenTree::Ident(name), _, TokenTree::Ident(method), TokenTree::Group(_)]
            if method == "clone" && name != "self" =>
        {
            Meant::Variable(name.clone())
        }
        // `db as pool`
        [value, TokenTree::Ident(word), TokenTree::Ident(name)] if word == "as" => {
            Meant::Value(name.clone(), vec![value.clone()])
        }
        // `pool = db` and `pool: db`, but not a path
        [TokenTree::Ident(name), sign, value @ ..]
            if is_punct(sign, '=')
                || (is_punct(sign, ':') && !value.first().is_some_and(|t| is_punct(t, ':'))) =>
        {
            bound(name, value)
        }
        // `Arc::clone(&db)`
        [path @ .., TokenTree::Ident(function), TokenTree::Group(value)]
            if function == "clone" && path.last().is_some_and(|token| is_punct(token, ':')) =>
        {
            match flatten(value.stream()).as_slice() {
                [and, TokenTree::Ident(name)] if is_punct(and, '&') && name != "self" => {
                    Meant::Variable(name.clone())
                }
                [and, value @ ..] if is_punct(and, '&') => named(value),
                _ => named(item),
            }
        }
        // `self.db.clone()`
        [value @ .., dot, TokenTree::Ident(method), TokenTree::Group(list)]
            if method == "clone" && is_punct(dot, '.') && list.stream().is_empty() =>
        {
            named(value)
        }
        [TokenTree::Ident(_) | TokenTree::Punct(_)] => Meant::Unknown,
        [TokenTree::Literal(literal)] => match Lit::new(literal.clone()) {
            Lit::Str(text) => match syn::parse_str::<Ident>(&text.value()) {
                Ok(mut name) => {
                    name.set_span(literal.span());
                    Meant::Variable(name)
                }
                Err(_) => Meant::Unknown,
            },
            _ => Meant::Unknown,
        },
        item => named(item),
    }
}

/// Returns the meaning of `pool = db`. Both sides may be the same variable.
fn bound(name: &Ident, value: &[TokenTree]) -> Meant {
    let value = match value {
        [value @ .., dot, TokenTree::Ident(method), TokenTree::Group(list)]
            if method == "clone" && is_punct(dot, '.') && list.stream().is_empty() =>
        {
            value
        }
        [and, value @ ..] if is_punct(and, '&') => value,
        value => value,
    };
    match value {
        [] => Meant::Variable(name.clone()),
        [TokenTree::Ident(value)] if value == name => Meant::Variable(name.clone()),
        value => Meant::Value(name.clone(), value.to_vec()),
    }
}

/// Returns the meaning of an expression: it is called after the last name in it.
fn named(value: &[TokenTree]) -> Meant {
    let name = value.iter().rev().find_map(|token| match token {
        TokenTree::Ident(name) if !is_keyword(name) && name != "self" => Some(name.clone()),
        _ => None,
    });
    match (name, value.first()) {
        (Some(name), _) => Meant::Value(name, value.to_vec()),
        (None, Some(first)) => Meant::Value(Ident::new("value", first.span()), value.to_vec()),
        (None, None) => Meant::Unknown,
    }
}

fn is_prefix(token: &TokenTree) -> bool {
    is_punct(token, '&') || is_punct(token, '*') || is_word(token, "mut") || is_word(token, "ref")
}
