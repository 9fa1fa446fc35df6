//! Properties that hold for every input, whatever it consists of.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::language::{block, child_fn, named};

/// Words of the macros themselves, which need not occur in the expansion.
const SPOKEN: [&str; 42] = [
    "auto_shutdown",
    "backoff",
    "child",
    "child_spans",
    "clone",
    "crate",
    "doc",
    "every",
    "factor",
    "forgive_after",
    "give_up_if",
    "unresponsive_timeout",
    "heartbeat",
    "infinity",
    "instances",
    "initial",
    "jitter",
    "keep_alive",
    "kill_grace",
    "lend",
    "max",
    "max_restarts",
    "name",
    "ready_within",
    "reset_after",
    "restart",
    "shutdown",
    "shutdown_budget",
    "significant",
    "start",
    "stop",
    "strategy",
    "supervisor",
    "temporary_siblings",
    "tolerate_unclean_stop",
    "tree",
    "unlimited",
    "when",
    "within",
    "r#crate",
    "r#doc",
    "_",
];

/// Checks a block or named trees: there is always an expansion, it is the same each time, every
/// message follows the conventions, and without a mistake no word of the input is lost.
pub(crate) fn for_a_block(input: &TokenStream) -> Result<(), String> {
    let expand = || {
        let mut all = "{ $crate }".parse::<TokenStream>().expect("these are tokens");
        all.extend(input.clone());
        block::expand(all)
    };
    let output = expand();
    let text = output.to_string();
    if text != expand().to_string() {
        return Err("it expands differently the second time".to_owned());
    }
    let is_named = named::declares_functions(&input.clone().into_iter().collect::<Vec<_>>());
    if !is_named && !text.contains("Supervisor") {
        return Err(format!("no supervisor: {text}"));
    }
    agree(input, &output)
}

/// Checks a function under `#[child(..)]` in the same way. Tokens that are not a function are
/// passed on unchanged, for the compiler to report.
pub(crate) fn for_a_function(arguments: &TokenStream, item: &TokenStream) -> Result<(), String> {
    let output = child_fn::expand(arguments.clone(), item.clone());
    if output.to_string() == item.to_string() {
        return Ok(());
    }
    agree(&arguments.clone().into_iter().chain(item.clone()).collect(), &output)
}

fn agree(input: &TokenStream, output: &TokenStream) -> Result<(), String> {
    let mut mistakes = Vec::new();
    messages(output.clone(), &mut mistakes);
    let quoted = input.to_string().contains('`');
    for mistake in &mistakes {
        well_worded(mistake, quoted)?;
    }
    if mistakes.len() > 2 * size(input.clone()) + 2 {
        return Err(format!("two mistakes a token, and more: {mistakes:#?}"));
    }
    if mistakes.is_empty() {
        let mut found = HashSet::new();
        written(output.clone(), &mut found);
        let mut names = Vec::new();
        identifiers(input.clone(), &mut names);
        let is_lost = |name: &&String| {
            let plain = name.trim_start_matches("r#");
            !found.contains(name.as_str()) && !found.contains(&format!("{plain:?}"))
        };
        if let Some(lost) = names.iter().find(is_lost) {
            return Err(format!("`{lost}` is lost without a word: {output}"));
        }
    }
    Ok(())
}

/// Collects the texts of all `compile_error!`s.
fn messages(tokens: TokenStream, found: &mut Vec<String>) {
    let mut after = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if after {
                found.extend(
                    group
                        .stream()
                        .into_iter()
                        .filter_map(|token| match token {
                            TokenTree::Literal(text) => {
                                syn::parse_str::<syn::LitStr>(&text.to_string()).ok()
                            }
                            _ => None,
                        })
                        .map(|text| text.value()),
                );
            } else {
                messages(group.stream(), found);
            }
        }
        after = match &token {
            TokenTree::Ident(word) => word == "compile_error",
            TokenTree::Punct(_) => after,
            _ => false,
        };
    }
}

fn well_worded(mistake: &str, quoted: bool) -> Result<(), String> {
    let mut lines = mistake.lines();
    let first = lines.next().unwrap_or_default();
    let begins = first.starts_with(|c: char| c == '`' || c.is_lowercase() || c.is_ascii_digit());
    let goes_on =
        lines.all(|line| ["help: ", "note: ", "  "].iter().any(|start| line.starts_with(start)));
    let ends = !mistake.ends_with('.') || mistake.ends_with("..");
    let pairs = quoted || mistake.matches('`').count() % 2 == 0;
    match begins && goes_on && ends && pairs {
        true => Ok(()),
        false => Err(format!("badly worded: {mistake:?}")),
    }
}

fn size(tokens: TokenStream) -> usize {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => 2 + size(group.stream()),
            _ => 1,
        })
        .sum()
}

/// Collects the identifiers of the input that must occur in the expansion: the user's own.
fn identifiers(tokens: TokenStream, names: &mut Vec<String>) {
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => identifiers(group.stream(), names),
            TokenTree::Ident(name) if !leads_to_the_macro(&tokens[at + 1..]) => {
                let name = name.to_string();
                if !SPOKEN.contains(&name.as_str()) {
                    names.push(name);
                }
            }
            _ => {}
        }
    }
}

/// Collects the identifiers and the literals of an expansion, because the name of an entry becomes
/// a text. The code for editors is left out: it repeats every key.
fn written(tokens: TokenStream, found: &mut HashSet<String>) {
    let mut is_for_editors = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                if !std::mem::take(&mut is_for_editors) {
                    written(group.stream(), found);
                }
                is_for_editors = group.stream().to_string() == "cfg (rust_analyzer)";
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                found.insert(token.to_string());
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// Returns whether the tokens are the path in front of a nested `supervisor!`, which becomes part
/// of the tree.
fn leads_to_the_macro(rest: &[TokenTree]) -> bool {
    let rest = rest.iter().map(ToString::to_string).collect::<Vec<_>>();
    let names = rest.chunks(3).take_while(|part| part[..part.len().min(2)] == [":", ":"]).count();
    names > 0
        && rest.get(3 * names - 1).is_some_and(|name| name == "supervisor")
        && rest.get(3 * names).is_some_and(|bang| bang == "!")
}
