//! The support for editors. Each test types a name at the caret and looks for it in the expansion,
//! as an editor does.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tokens;
use crate::language::backoff::ARGUMENTS;
use crate::language::lower::LINTS;
use crate::language::options::{ON_ENTRIES, ON_FUNCTIONS};
use crate::language::settings::SETTINGS;
use crate::language::{block, child_fn};

/// Blocks with a name at the caret, and the tokens in front of it in the expansion.
const NAMES: [(&str, &str); 19] = [
    ("#[child] a = |ctx| async move { caret. }", "| ctx | async move {"),
    ("#[child] a = async |ctx| { caret. }", "async | ctx | {"),
    ("#[child] a = async |ctx| { caret. println!(\"b\"); }", "async | ctx | {"),
    ("#[child] a = async |ctx| { let a = caret. let b = ; }", "let a ="),
    ("#[child(clone(caret))] a = async move |_| { caret. }", "Capturing ( &"),
    ("#[child(clone(caret))] a = async move |_| {}", "Capturing ( &"),
    ("#[child(clone(b, caret))] a = async move |_| {}", "Capturing ( &"),
    ("#[child(clone(caret, b), restart = )] a = |_| {}", "Capturing ( &"),
    ("#[child(lend(caret))] a = async move |_| { caret. }", "Offered ( &"),
    ("#[child] a = caret", "child ( \"a\" ,"),
    ("#[child] a = caret, #[child] b = g,", "child ( \"a\" ,"),
    ("#[child] a = f #[child(restart = \"b\")] b = caret", "child ( \"b\" ,"),
    ("#[child(restart = caret::)] a = f", "restart ("),
    ("#[child(restart = caret)] a = f", "restart ("),
    ("strategy = caret::, #[child] a = f", "Supervisor :: new ("),
    ("backoff(initial = caret), #[child] a = f", "Backoff :: exponential ("),
    ("#[child] a = supervisor! { #[child] b = async |ctx| { caret. } }", "async | ctx | {"),
    ("#[child] a = supervisor! { #[child] b = caret }", "child ( \"b\" ,"),
    ("#[child(restart = \"b\")] a = f, #[child] b = async |ctx| { caret. }", "async | ctx | {"),
];

/// Blocks with a key at the caret, and the module that it is imported from.
const KEYS: [(&str, &str); 13] = [
    ("caret", "settings"),
    ("caret #[child] a = f", "settings"),
    ("name = \"a\", caret, #[child] a = f", "settings"),
    ("name = \"a\", caret #[child] a = f", "settings"),
    ("backoff(caret), #[child] a = f", "delays"),
    ("backoff(initial = \"1s\", caret), #[child] a = f", "delays"),
    ("#[child(caret)] a = f", "options"),
    ("#[child(caret, restart = \"b\", backoff(max = c))] a = f", "options"),
    ("#[child(restart = \"b\", caret)] a = f", "options"),
    ("#[child(backoff(caret))] a = f", "delays"),
    ("#[caret] a = f", "attributes"),
    ("#[child] a = f, #[child] b = supervisor! { caret }, #[child] c = g", "settings"),
    ("#[child] a = supervisor! { caret #[child(restart = \"b\")] c = g }", "settings"),
];

/// The `#[child(..)]` of functions with a key at the caret, and the module that it is imported
/// from.
const OF_FUNCTIONS: [(&str, &str); 3] =
    [("caret", "function"), ("restart = \"a\", caret", "function"), ("backoff(caret)", "delays")];

/// Returns all tokens as text, with those inside of groups.
fn flat(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                all.push(open.to_owned());
                all.extend(flat(group.stream()));
                all.push(close.to_owned());
            }
            other => all.push(other.to_string()),
        }
    }
    all
}

fn of_block(text: &str) -> Vec<String> {
    flat(block::expand(tokens(&format!("{{ $crate }} {text}"))))
}

fn of_function(options: &str) -> Vec<String> {
    flat(child_fn::expand(tokens(options), tokens("async fn f(ctx: ChildContext) {}")))
}

/// Returns the tokens in front of the name at the caret, at the first place where it stands.
fn in_front(expanded: &[String]) -> &[String] {
    let caret = expanded.iter().position(|token| token == "caret").expect("the name is kept");
    &expanded[..caret]
}

fn ends_with(tokens: &[String], end: &str) -> bool {
    let text = tokens.join(" ");
    // `::` is printed as two tokens.
    text.replace(": :", "::").ends_with(end)
}

#[test]
fn a_name_at_the_caret_comes_first_in_an_expression() {
    for (text, expected) in NAMES {
        let expanded = of_block(text);
        assert!(ends_with(in_front(&expanded), expected), "{text}: {}", expanded.join(" "));
    }
}

#[test]
fn a_key_at_the_caret_comes_first_where_keys_are_imported() {
    for (text, module) in KEYS {
        let expanded = of_block(text);
        assert!(is_in(&expanded, module), "{text}: {}", expanded.join(" "));
    }
    for (options, module) in OF_FUNCTIONS {
        let expanded = of_function(options);
        assert!(is_in(&expanded, module), "{options}: {}", expanded.join(" "));
    }
}

/// Returns whether the name at the caret stands in the list of the module.
fn is_in(expanded: &[String], module: &str) -> bool {
    let (list, _) = split_at_list(in_front(expanded));
    let import = list.iter().position(|token| token == "ide");
    import.is_some() && ends_with(list, &format!("{module} :: {{"))
}

/// Splits the tokens behind the last `{`.
fn split_at_list(tokens: &[String]) -> (&[String], &[String]) {
    let open = tokens.iter().rposition(|token| token == "{").expect("keys stand in braces");
    tokens.split_at(open + 1)
}

/// An editor inserts a longer name at the caret, and takes the tokens at one place of the first
/// expansion for those at the same place of the second.
#[test]
fn nothing_moves_in_front_of_the_caret() {
    let stays = |expand: &dyn Fn(&str) -> Vec<String>, text: &str, name: &str| {
        let expanded = expand(text);
        let other = expand(&text.replace("caret", name));
        assert!(other.starts_with(in_front(&expanded)), "{text}: {}", other.join(" "));
    };
    for (text, _) in NAMES {
        stays(&of_block, text, "caretLonger");
    }
    for (text, _) in KEYS {
        stays(&of_block, text, "caretLonger");
        stays(&of_block, text, "");
    }
    for (options, _) in OF_FUNCTIONS {
        stays(&of_function, options, "caretLonger");
        stays(&of_function, options, "");
    }
}

#[test]
fn a_word_that_cannot_be_imported_is_left_out() {
    for word in ["match", "crate", "self", "_"] {
        let block = format!("{word} = 1, name = \"a\", #[{word}] #[child({word} = 1)] a = f");
        let expanded = of_block(&block).join(" ").replace(": :", "::");
        let import = "{ attributes :: { child , } , settings :: { name , } , options :: { } ,";
        assert!(expanded.contains(import), "{word}: {expanded}");
    }
}

#[test]
fn every_key_is_known_to_editors() {
    let attributes = ["child", "cfg"].into_iter().chain(LINTS);
    assert_eq!(of_module("attributes"), attributes.collect::<Vec<_>>());
    assert_eq!(of_module("settings"), SETTINGS);
    assert_eq!(of_module("options"), ON_ENTRIES);
    assert_eq!(of_module("delays"), ARGUMENTS);
    // `crate` is a keyword, and cannot be imported.
    let mut function = ON_FUNCTIONS.into_iter().filter(|key| *key != "crate").collect::<Vec<_>>();
    function.sort_unstable();
    assert_eq!(of_module("function"), function);
}

/// Returns the names in a module of `expansion::ide`, which all have a comment with their default.
fn of_module(module: &str) -> Vec<&'static str> {
    const IDE: &str = include_str!("../../../../sage-supervisor/src/expansion/ide.rs");
    let (_, inside) = IDE.split_once(&format!("pub mod {module} {{\n")).expect("it has a module");
    let (inside, _) = inside.split_once("\n}\n").expect("it ends");
    if let Some((_, names)) = inside.split_once("super::options::{") {
        let (names, _) = names.split_once('}').expect("it ends");
        return names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    }
    let (_, keys) = inside.split_once("use super::Key;\n").expect("it begins");
    let mut names = Vec::new();
    for key in keys.split(": Key = Key;").filter(|key| !key.trim().is_empty()) {
        let (comment, name) = key.split_once("pub const ").expect("a key is a constant");
        assert!(comment.contains("/// "), "{name}");
        assert!(module == "attributes" || comment.to_lowercase().contains("default"), "{name}");
        names.push(name);
    }
    names
}
