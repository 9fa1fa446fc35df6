//! Entries to the model.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::language::args::Seen;
use crate::language::closest::closest;
use crate::language::closure;
use crate::language::diag::{Diag, Place, message};
use crate::language::model::{Child, Options, Start, Tree};
use crate::language::options::{self, ON_ENTRIES};
use crate::language::settings::{self, FOREIGN, SETTINGS};
use crate::language::split::{Attribute, Entry, Form, List, entries};
use crate::language::tokens::{flatten, is_list, is_path, is_punct};
use crate::language::words;

/// What may be called on a nested block that stays known.
const METHODS: [&str; 3] = ["keep_alive", "kill_grace", "give_up_after"];
pub(crate) const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];

pub(crate) fn tree(tokens: TokenStream, place: Place, diag: &mut Diag) -> Tree {
    let mut tree = Tree::new(place);
    let mut seen = Seen::default();
    for (index, entry) in entries(tokens, List::Block, diag).into_iter().enumerate() {
        diag.enter(index);
        if entry.attributes.iter().any(is_mark) {
            tree.children.push(child(index, entry, diag));
        } else if SETTINGS.iter().any(|known| entry.key == known) {
            settings::read(entry, &mut tree, &mut seen, diag);
        } else {
            tree.children.extend(unknown(index, entry, diag));
        }
        diag.leave();
    }
    tree
}

/// Neither marked as a child nor a setting: a child without its mark, or a mistyped setting.
fn unknown(index: usize, entry: Entry, diag: &mut Diag) -> Option<Child> {
    let key = &entry.key;
    let meant = words::meant_key(&key.to_string(), &SETTINGS, &FOREIGN);
    let starts = match &entry.form {
        Form::Assign(value) => !is_constant(value),
        Form::Bare => !entry.attributes.is_empty(),
        Form::List(_) | Form::Wrong => false,
    };
    if meant.is_none() && starts {
        let help = format!("if it is a child, mark it: `#[child] {key} = ..`");
        diag.error(key, message(format!("`{key}` is not a supervisor setting")).help(help));
        return Some(child(index, entry, diag));
    }
    if matches!(entry.form, Form::Wrong) && meant.is_none() {
        return None;
    }
    if ON_ENTRIES.iter().any(|option| key == option) {
        let text = message(format!("`{key}` is an option of a child"));
        let help = "write it at the child: `#[child(..)] name = start`";
        diag.error(key, text.help(help));
        return None;
    }
    let text = message(format!("unknown supervisor setting `{key}`"));
    let text = match meant {
        Some(help) => text.help(help),
        None => text,
    };
    diag.error(key, text.note(format!("the settings are {}", words::list(&SETTINGS, "and"))));
    None
}

fn is_constant(value: &TokenStream) -> bool {
    let mut tokens = value.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(_)) | None, None) => true,
        (Some(TokenTree::Ident(word)), None) => word == "true" || word == "false",
        _ => false,
    }
}

fn child(index: usize, entry: Entry, diag: &mut Diag) -> Child {
    let Entry { attributes, key, form } = entry;
    let mut options = None::<Options>;
    let mut passed = Vec::new();
    for attribute in attributes {
        match attribute.path().as_str() {
            "child" if options.is_some() => {
                let text = message("a child takes one `#[child]` attribute");
                diag.error(attribute.place(), text.help("merge the two lists"));
            }
            "child" => options = Some(options::of_attribute(&attribute, diag)),
            "doc" => {}
            path if path == "cfg" || LINTS.contains(&path) => passed.push(attribute),
            path => {
                foreign_attribute(path, &attribute, diag);
                if is_mark(&attribute) && options.is_none() {
                    options = Some(options::of_attribute(&attribute, diag));
                }
            }
        }
    }
    let start = start(&key, form, diag);
    Child { index, attributes: passed, name: key, options: options.unwrap_or_default(), start }
}

/// `#[child]`, also mistyped or behind a path.
fn is_mark(attribute: &Attribute) -> bool {
    let path = attribute.path();
    let name = path.rsplit(':').next().unwrap_or_default();
    closest(name, ["child"].into_iter()).is_some()
}

fn foreign_attribute(path: &str, attribute: &Attribute, diag: &mut Diag) {
    let text = message(format!("`#[{path}]` has no meaning here"));
    if is_mark(attribute) {
        return diag.error(attribute.place(), text.help("did you mean `#[child]`?"));
    }
    if path == "cfg_attr" {
        let help = "list the child twice, under `#[cfg(..)]` and under `#[cfg(not(..))]`";
        return diag.error(attribute.place(), text.help(help));
    }
    let rule = "only `#[child]`, `#[cfg]`, lint attributes and doc comments may stand here";
    diag.error(attribute.place(), text.note(rule));
}

fn start(name: &Ident, form: Form, diag: &mut Diag) -> Start {
    match form {
        Form::Assign(value) if !value.is_empty() => {
            if closure::is_closure(&value) {
                return Start::Closure(value);
            }
            match nested(&value) {
                Some((block, methods)) => {
                    let tree = tree(block, Place::from(&value), diag);
                    Start::Nested(Box::new(Tree { methods, ..tree }))
                }
                None => Start::Value(value),
            }
        }
        Form::Bare | Form::Assign(_) => {
            let help = format!(
                "write `{name} = start`, where `start` is an async fn, a closure or a \
                 `supervisor!` block"
            );
            diag.error(name, message(format!("`{name}` has no value")).help(help));
            Start::Missing
        }
        Form::List(list) => {
            let text = message(format!("expected `=` after `{name}`, found `(`"));
            diag.error(list.span_open(), text);
            Start::Missing
        }
        Form::Wrong => Start::Missing,
    }
}

/// The content of a `supervisor! { .. }`, and the calls behind it. With any other call the value is
/// not known here.
pub(crate) fn nested(value: &TokenStream) -> Option<(TokenStream, TokenStream)> {
    let tokens = flatten(value.clone());
    let bang = tokens.iter().position(|token| is_punct(token, '!'))?;
    let [before @ .., TokenTree::Ident(last)] = &tokens[..bang] else { return None };
    let [TokenTree::Group(block), methods @ ..] = &tokens[bang + 1..] else { return None };
    let ours = before.iter().all(is_path) && last == "supervisor";
    let keeps_time = |call: &[TokenTree]| match call {
        [dot, TokenTree::Ident(name), list] => {
            is_punct(dot, '.') && is_list(list) && METHODS.iter().any(|known| name == known)
        }
        _ => false,
    };
    let known = ours && block.delimiter() != Delimiter::None && methods.chunks(3).all(keeps_time);
    known.then(|| (block.stream(), methods.iter().cloned().collect()))
}
