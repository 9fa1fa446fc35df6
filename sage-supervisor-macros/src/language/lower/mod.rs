//! From entries to the model.

mod call;
mod missing_macro;
mod nested;
mod not_a_start;
mod unmarked;

use proc_macro2::{Ident, TokenStream};

pub(crate) use self::nested::nested;

use crate::language::args::Seen;
use crate::language::closure;
use crate::language::diag::{Diag, Place, message};
use crate::language::doc;
use crate::language::model::{Child, Options, Start, Tree};
use crate::language::options;
use crate::language::settings::{self, SETTINGS};
use crate::language::split::{Attribute, Entry, Form, List, entries};
use crate::language::words;

/// Lint attributes, which a child may carry.
pub(crate) const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];

/// Returns the tree of a block.
pub(crate) fn tree(tokens: TokenStream, list: List, place: Place, diag: &mut Diag) -> Tree {
    let mut tree = Tree::new(place);
    let mut seen = Seen::default();
    for (index, entry) in entries(tokens, list, diag).into_iter().enumerate() {
        diag.enter(index);
        // The mark comes first, because a child may have the name of a setting.
        if entry.attributes.iter().any(is_mark) {
            tree.children.push(child(index, entry, list, diag));
        } else if SETTINGS.iter().any(|known| entry.key == known) {
            settings::read(entry, &mut tree, &mut seen, diag);
        } else if unmarked::report(&entry, diag) {
            tree.children.push(child(index, entry, list, diag));
        }
        diag.leave();
    }
    tree
}

/// Returns the child of an entry.
fn child(index: usize, entry: Entry, list: List, diag: &mut Diag) -> Child {
    let Entry { attributes, key, form } = entry;
    let mut options = None::<Options>;
    let (mut passed, mut docs) = (Vec::new(), Vec::new());
    for attribute in attributes {
        match attribute.path().as_str() {
            "child" if options.is_some() => {
                let text = message("a child takes one `#[child]` attribute");
                diag.error(attribute.place(), text.help("merge the two lists"));
            }
            "child" => options = Some(options::of_attribute(&attribute, diag)),
            "doc" => match doc::line(&attribute.arguments()) {
                Some(line) => docs.push(line),
                None => foreign_attribute("doc", &attribute, diag),
            },
            path if path == "cfg" || LINTS.contains(&path) => passed.push(attribute),
            path => {
                foreign_attribute(path, &attribute, diag);
                // A misspelt `#[child(..)]` was reported, and its options are read and checked all
                // the same.
                if is_mark(&attribute) && options.is_none() {
                    options = Some(options::of_attribute(&attribute, diag));
                }
            }
        }
    }
    let options = options.unwrap_or_default();
    let start = start(&key, form, list, diag);
    let start = call::read(&key, start, &options, diag);
    // The start of a misformed entry is a guess, so the compiler does not see it.
    let start = if diag.is_misformed_here() { Start::Missing } else { start };
    Child { index, attributes: passed, description: doc::summary(&docs), name: key, options, start }
}

/// Returns whether the attribute marks a child: `#[child]`, perhaps mistyped, behind a path, or
/// under the name that another system uses.
fn is_mark(attribute: &Attribute) -> bool {
    let path = attribute.path();
    let name = path.rsplit(':').next().unwrap_or_default();
    path.is_empty() || words::is_mark(name)
}

/// Reports an attribute that has no place on a child.
fn foreign_attribute(path: &str, attribute: &Attribute, diag: &mut Diag) {
    let text = message(format!("`#[{path}]` has no meaning here"));
    if is_mark(attribute) {
        let text = text.help("did you mean `#[child]`?");
        let text = match path {
            "supervisor" => {
                text.note("a supervisor is a child whose value is a `supervisor! { .. }`")
            }
            _ => text,
        };
        return diag.error(attribute.path_place(), text);
    }
    if path == "cfg_attr" {
        let help = "list the child twice, under `#[cfg(..)]` and under `#[cfg(not(..))]`";
        return diag.error(attribute.place(), text.help(help));
    }
    let rule = "only `#[child]`, `#[cfg]`, lint attributes and doc comments may stand here";
    diag.error(attribute.place(), text.note(rule));
}

/// Returns the start of a child: what stands behind its name.
fn start(name: &Ident, form: Form, list: List, diag: &mut Diag) -> Start {
    match form {
        Form::Assign(value) if !value.is_empty() => {
            if not_a_start::report(name, &value, diag) {
                return Start::Missing;
            }
            if closure::is_closure(&value) {
                return Start::Closure(value);
            }
            let value = missing_macro::with_macro(name, value, diag);
            match nested(&value) {
                Some((block, methods)) => {
                    let tree = tree(block, list, Place::from(&value), diag);
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
            diag.error(list.span_open(), text.help(format!("write `{name} = ..`")));
            Start::Missing
        }
        Form::Wrong => Start::Missing,
    }
}
