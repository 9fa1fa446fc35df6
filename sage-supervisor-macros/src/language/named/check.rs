//! One function per rule over the function of a named tree, and over what stands beside it.

use proc_macro2::{TokenStream, TokenTree};

use super::FORM;
use super::pieces::Piece;
use crate::language::diag::{Diag, Place, message};
use crate::language::signature::{Reader, Signature};
use crate::language::text::text_of;
use crate::language::tokens::{describe, flatten, is_list, is_path, is_punct, is_word};

/// A setting, a child, or another item.
pub(super) fn stands_beside(other: &[TokenTree], pieces: &[Piece], diag: &mut Diag) {
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

/// That of the first function.
fn name(pieces: &[Piece]) -> Option<String> {
    pieces.iter().find_map(|piece| match piece {
        Piece::Function(tokens) => {
            let at = tokens.iter().position(|token| is_word(token, "fn"))?;
            tokens.get(at + 1).map(ToString::to_string)
        }
        Piece::Other(_) => None,
    })
}

pub(super) fn is_plain(signature: &Signature, diag: &mut Diag) {
    for word in &signature.qualifiers {
        if let TokenTree::Ident(word) = word {
            let text = message(format!("a named tree cannot be `{word}`"));
            let text = text.help(format!("remove `{word}`"));
            diag.error(
                word,
                text.note("the function makes a plan, which starts nothing by itself"),
            );
        }
    }
}

pub(super) fn takes_no_self(signature: &Signature, diag: &mut Diag) {
    if let Some(receiver) = &signature.receiver {
        let text = message("a named tree cannot take `self`");
        let text = text.help("pass the value as an argument, such as `config: Config`");
        diag.error(receiver, text.note("it stands outside of an `impl`, as an item of its own"));
    }
}

/// The return type, if it is right.
pub(super) fn returns_a_supervisor(signature: &Signature, diag: &mut Diag) -> Option<TokenStream> {
    let output = flatten(signature.output.clone());
    let text = message("a named tree returns a `Supervisor`");
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
