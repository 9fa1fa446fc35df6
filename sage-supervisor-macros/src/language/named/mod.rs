//! Named trees: functions whose bodies are blocks.

mod body;
mod check;
mod cycles;
mod pieces;
mod statements;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use self::pieces::{Piece, pieces};
#[cfg(test)]
use crate::language::Analysis;
use crate::language::diag::{Diag, Place, message};
use crate::language::doc;
#[cfg(test)]
use crate::language::draw::draw;
use crate::language::expand::named_tree;
use crate::language::krate::Krate;
use crate::language::model::NamedTree;
use crate::language::signature::{Signature, Wanted};
use crate::language::split::List;
use crate::language::stages::checked_tree;
use crate::language::tokens::flatten;

pub(crate) use self::pieces::declares_functions;

const WANTED: Wanted = Wanted {
    function: "a named tree is a function",
    body: "a named tree needs a body",
    help: Some("write its settings and children in braces: `fn name() -> Supervisor { .. }`"),
};

pub(crate) fn expand(tokens: &[TokenTree], krate: &Krate) -> TokenStream {
    let mut diag = Diag::default();
    // Each function is kept with its index among the pieces, and with a flag that is set if no
    // mistake was found in it.
    let mut functions = Vec::new();
    let pieces = pieces(tokens);
    for (index, piece) in pieces.iter().enumerate() {
        diag.enter(index);
        match piece {
            Piece::Function(tokens) => {
                let read = read(tokens, &mut diag);
                functions.extend(read.map(|(function, is_right)| (index, function, is_right)));
            }
            Piece::Other(tokens) => check::is_not_outside_of_a_function(tokens, &pieces, &mut diag),
        }
        diag.leave();
    }
    check::are_unique(&mut functions, &mut diag);
    cycles::are_broken(&mut functions, &mut diag);
    let functions = functions.iter().map(|(_, read, is_right)| named_tree(read, *is_right, krate));
    let functions = functions.collect::<TokenStream>();
    let mistakes = diag.into_tokens();
    // The mistakes come last: an editor looks for a key at the first place of its token in the expansion.
    quote!(#functions #mistakes)
}

#[cfg(test)]
pub(super) fn analyses(tokens: &[TokenTree]) -> Vec<Analysis> {
    let mut analyses = Vec::new();
    for piece in pieces(tokens) {
        let Piece::Function(tokens) = piece else { continue };
        let mut diag = Diag::default();
        let Some((function, _)) = read(&tokens, &mut diag) else { continue };
        let lines = draw(&function.tree).into_iter().map(|line| line.text);
        analyses.push(Analysis {
            drawing: lines.collect::<Vec<_>>().join("\n"),
            mistakes: diag.into_texts(),
        });
    }
    analyses
}

/// Reads a function, and returns it with a flag that is set if no mistake was found in it. Returns
/// `None` for a function that cannot be read, which is reported.
fn read(tokens: &[TokenTree], diag: &mut Diag) -> Option<(NamedTree, bool)> {
    let item = tokens.iter().cloned().collect::<TokenStream>();
    let Some(signature) = Signature::parse(item.clone(), &WANTED, diag) else {
        if diag.is_clean_here() {
            let text = message("this is not a function").note(check::FORM);
            diag.error(&item, text);
        }
        return None;
    };
    check::is_plain(&signature, diag);
    check::takes_no_self(&signature, diag);
    check::has_no_hidden_condition(&signature, diag);
    let output = check::returns_a_supervisor(&signature, diag);
    let docs = signature.attributes.iter().filter(|(path, _)| path == "doc");
    let docs = docs.filter_map(|(_, tokens)| doc::line(&arguments(tokens))).collect::<Vec<_>>();
    let body = statements::split(signature.body.stream(), diag);
    let reaches_the_tree = body.reaches_the_tree(diag);
    let mut tree = checked_tree(
        body::entries_of(&body.entries, diag),
        List::Body,
        Place::from(&signature.name),
        Some(signature.name.clone()),
        diag,
    );
    check::children_are_possible(&signature, &body, &mut tree, diag);
    let description = doc::summary(&docs);
    // This comes behind all checks of the function. `are_unique`, which compares functions, removes
    // the wrong ones itself.
    let is_right = diag.is_clean_here();
    let statements::Body { statements, entries } = body;
    let statements = reaches_the_tree.then(|| statements.into_iter().flatten().collect());
    Some((NamedTree { signature, output, description, statements, entries, tree }, is_right))
}

/// Returns the tokens behind the first word in the brackets of an attribute.
fn arguments(attribute: &TokenStream) -> Vec<TokenTree> {
    match attribute.clone().into_iter().nth(1) {
        Some(TokenTree::Group(group)) => flatten(group.stream()).into_iter().skip(1).collect(),
        _ => Vec::new(),
    }
}
