//! Rules over the function of a named tree and over the tokens beside it, one function each.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::pieces::Piece;
use super::statements::Body;
use crate::language::diag::{Diag, Place, message};
use crate::language::model::{NamedTree, Start, Tree, listed, plain};
use crate::language::signature::{Reader, Signature};
use crate::language::text::text_of;
use crate::language::tokens::{describe, flatten, is_list, is_path, is_punct, is_word};

pub(super) const FORM: &str = "a named tree is a function: `fn name() -> Supervisor { .. }`";

/// Reports a setting, a child or another item outside of the functions.
pub(super) fn is_not_outside_of_a_function(other: &[TokenTree], pieces: &[Piece], diag: &mut Diag) {
    let mut reader = Reader { tokens: other, at: 0 };
    let attributes = reader.attributes();
    let is_child = attributes.iter().any(|(path, _)| path == "child");
    let [first, ..] = other else { return };
    let word = reader.rest().first();
    let is_entry = match reader.rest() {
        [TokenTree::Ident(_), next, ..] => is_punct(next, '='),
        _ => false,
    };
    if is_child || is_entry {
        let at = if is_entry { word.unwrap_or(first) } else { first };
        let what = if is_entry { describe(at) } else { "a child".to_owned() };
        let text = message(format!("{what} stands outside of a function"));
        let text = match name(pieces) {
            Some(name) => text.help(format!("move it into the braces of `fn {name}`")),
            None => text,
        };
        return diag.error(at, text.note("a block declares functions, or is itself a supervisor"));
    }
    // No entry was meant, so the tokens are an item. Its visibility is passed over, because the
    // word behind it is the one that is wrong.
    reader.visibility();
    let Some(found) = reader.rest().first() else {
        let text = message("expected a function after this")
            .help("write `fn name() -> Supervisor { .. }`");
        return diag.error(first, text);
    };
    let text = message(format!("expected `fn`, found {}", describe(found)));
    let text = match reader.rest() {
        [TokenTree::Ident(_), next, ..] if is_list(next) => text.help("write `fn` before it"),
        [only] if is_punct(only, ';') || is_punct(only, ',') => text.help("remove it"),
        _ => text.note(FORM),
    };
    diag.error(found, text);
}

/// Returns the name of the first function.
fn name(pieces: &[Piece]) -> Option<String> {
    pieces.iter().find_map(|piece| match piece {
        Piece::Function(tokens) => {
            let at = tokens.iter().position(|token| is_word(token, "fn"))?;
            tokens.get(at + 1).map(ToString::to_string)
        }
        Piece::Other(_) => None,
    })
}

/// Reports qualifiers such as `async`.
pub(super) fn is_plain(signature: &Signature, diag: &mut Diag) {
    for word in &signature.qualifiers {
        if let TokenTree::Ident(word) = word {
            let text = message(format!("a named tree cannot be `{word}`"));
            let text = text.help(format!("remove `{word}`"));
            diag.error(
                word,
                text.note("the function only builds the supervisor, and starts nothing by itself"),
            );
        }
    }
}

pub(super) fn takes_no_self(signature: &Signature, diag: &mut Diag) {
    if let Some(receiver) = &signature.receiver {
        let text = message("a named tree cannot take `self`");
        let text = text.help("pass the value as an argument, such as `config: Config`");
        diag.error(receiver, text.note("a named tree is an item of its own, outside of an `impl`"));
    }
}

/// Reports a `#[cfg(..)]` within a `#[cfg_attr(..)]`. The expansion copies each `#[cfg(..)]` of the
/// function to its constant, and cannot see such a one.
pub(super) fn has_no_hidden_condition(signature: &Signature, diag: &mut Diag) {
    for (path, tokens) in &signature.attributes {
        if path == "cfg_attr" && adds_a_condition(tokens) {
            let text = message("`#[cfg_attr]` cannot add a `cfg` to a named tree");
            let help = "write one `#[cfg(any(not(a), b))]` in place of `#[cfg_attr(a, cfg(b))]`";
            diag.error(tokens, text.help(help));
        }
    }
}

/// Returns whether one of the attributes behind the predicate is a `cfg`.
fn adds_a_condition(cfg_attr: &TokenStream) -> bool {
    let Some(TokenTree::Group(inside)) = cfg_attr.clone().into_iter().nth(1) else { return false };
    let Some(TokenTree::Group(arguments)) = flatten(inside.stream()).into_iter().nth(1) else {
        return false;
    };
    let arguments = flatten(arguments.stream());
    arguments.split(|token| is_punct(token, ',')).skip(1).any(|attribute| match attribute {
        [word, list] if is_word(word, "cfg") => is_list(list),
        [word, TokenTree::Group(_)] if is_word(word, "cfg_attr") => {
            let attribute = attribute.iter().cloned().collect::<TokenStream>();
            adds_a_condition(&quote!(#[#attribute]))
        }
        _ => false,
    })
}

/// Returns the return type, if it is `Supervisor`.
pub(super) fn returns_a_supervisor(signature: &Signature, diag: &mut Diag) -> Option<TokenStream> {
    let output = flatten(signature.output.clone());
    let text = message("a named tree returns a `Supervisor`");
    // The first two tokens are the arrow.
    match output.get(2..) {
        Some(ty @ [.., TokenTree::Ident(last)]) => {
            if last == "Supervisor" && ty.iter().all(is_path) {
                return Some(signature.output.clone());
            }
            diag.error(place(ty), text.help("write `-> Supervisor`"));
        }
        Some(ty @ [_, ..]) => diag.error(place(ty), text.help("write `-> Supervisor`")),
        Some([]) | None => {
            let Signature { name, generics, arguments, .. } = signature;
            let arguments = arguments.iter().map(|argument| text_of(&argument.tokens));
            let arguments = arguments.collect::<Vec<_>>().join(", ");
            let generics = text_of(generics);
            let help = format!("`fn {name}{generics}({arguments}) -> Supervisor`");
            diag.error(name, text.help(help));
        }
    }
    None
}

fn place(tokens: &[TokenTree]) -> Place {
    match tokens {
        [first, .., last] => Place::between(first, last),
        [only] => only.into(),
        [] => Place::call_site(),
    }
}

/// Reports two functions of one name under the same conditions, which may be none. The second
/// function is removed, so that the compiler does not repeat the message.
pub(super) fn are_unique(functions: &mut Vec<(usize, NamedTree, bool)>, diag: &mut Diag) {
    let mut first = Vec::<(String, Vec<String>, Place)>::new();
    functions.retain(|(index, function, _)| {
        let Signature { name, attributes, .. } = &function.signature;
        // Conditions are compared as text. Two functions whose different conditions both hold are
        // found by the compiler.
        let conditions = attributes.iter().filter(|(path, _)| path.starts_with("cfg"));
        let conditions = conditions.map(|(_, tokens)| tokens.to_string()).collect::<Vec<_>>();
        let (name, place) = (plain(name), Place::from(name));
        let is_the_same = |(other, under, _): &&(String, Vec<String>, Place)| {
            *other == name && *under == conditions
        };
        if let Some((.., earlier)) = first.iter().find(is_the_same) {
            diag.enter(*index);
            let text = message(format!("two named trees are called `{name}`"));
            diag.error(place, text.help("give one of them another name"));
            diag.error(*earlier, message(format!("`{name}` is first declared here")));
            diag.leave();
            return false;
        }
        first.push((name, conditions, place));
        true
    });
}

/// Reports children that are impossible in a function: a tree that contains itself, and a borrowed
/// argument. The start of such a child is removed, so that the compiler does not repeat the
/// message. Children under a `#[cfg(..)]` may not exist and are left to the compiler.
pub(super) fn children_are_possible(
    signature: &Signature,
    body: &Body,
    tree: &mut Tree,
    diag: &mut Diag,
) {
    for child in &mut tree.children {
        diag.enter(child.index);
        let is_certain = child.conditions().next().is_none();
        match &mut child.start {
            Start::Nested(nested) if is_certain => {
                children_are_possible(signature, body, nested, diag);
            }
            Start::Named(call) if is_certain && signature.name == text_of(&call.path) => {
                let text = message(format!("`{}` contains itself", signature.name));
                let text = text.note("a tree that is part of itself has no end");
                diag.error(&call.path, text);
                child.start = Start::Missing;
            }
            Start::Closure(_) if is_certain => {
                let names = [&child.options.clone, &child.options.lend].map(listed).concat();
                // A statement may bind the name of an argument to another value.
                let names = names.iter().filter(|name| !body.may_bind(&name.to_string()));
                let borrowed = names.filter(|name| {
                    signature.arguments.iter().any(|argument| {
                        argument.name == **name && argument.cfg.is_none() && argument.is_reference()
                    })
                });
                let borrowed = borrowed.collect::<Vec<_>>();
                for name in &borrowed {
                    let text =
                        message(format!("`{name}` is a reference, which a child may outlive"));
                    let help = "take the value itself, or an `Arc` of it";
                    diag.error(*name, text.help(help).note("a child owns what it is given"));
                }
                if !borrowed.is_empty() {
                    child.start = Start::Missing;
                }
            }
            _ => {}
        }
        diag.leave();
    }
}
