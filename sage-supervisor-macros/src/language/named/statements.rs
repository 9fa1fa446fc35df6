//! The statements in front of the entries of a named tree: `let (orders, inbox) = channel(64);`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::language::tokens::{is_block, is_punct, is_word};

/// Splits the body of a named tree into the `let` statements at its start, and its entries.
pub(crate) fn split(body: TokenStream) -> (TokenStream, TokenStream) {
    let tokens = body.into_iter().collect::<Vec<_>>();
    let mut at = 0;
    while let Some(length) = statement(&tokens[at..]) {
        at += length;
    }
    let entries = tokens[at..].iter().cloned().collect();
    (tokens.into_iter().take(at).collect(), entries)
}

/// Returns the length of the `let` statement in front, with its attributes and its semicolon.
fn statement(tokens: &[TokenTree]) -> Option<usize> {
    let attributes = tokens
        .chunks(2)
        .take_while(|pair| match pair {
            [pound, TokenTree::Group(group)] => {
                is_punct(pound, '#') && group.delimiter() == Delimiter::Bracket
            }
            _ => false,
        })
        .count();
    let word = 2 * attributes;
    // `let = start` is an entry with a wrong name, which is reported as such.
    let is_let = is_word(tokens.get(word)?, "let") && !is_punct(tokens.get(word + 1)?, '=');
    let end = tokens.iter().position(|token| is_punct(token, ';'))?;
    // A statement that lacks its semicolon would swallow the entries behind it.
    let has_entry = tokens[word..end].windows(2).any(|pair| {
        let is_attribute = is_punct(&pair[0], '#') && !is_block(&pair[1]);
        is_attribute && matches!(&pair[1], TokenTree::Group(_))
    });
    (is_let && !has_entry).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::split;

    fn parts(body: &str) -> (String, String) {
        let (statements, entries) = split(body.parse().expect("the test is made of tokens"));
        (statements.to_string(), entries.to_string())
    }

    #[test]
    fn statements_stand_in_front_of_the_entries() {
        for (statements, entries) in [
            ("", "#[child] a = f"),
            ("let a = 1 ;", "name = \"a\", #[child] b = f"),
            ("let (a, b) = channel (64) ; let c : Vec < A > = f (|a| { b ; }) ;", "#[child] b = f"),
            ("# [allow (unused)] let a = 1 ;", "#[child] b = f"),
            ("let Some (a) = b else { unreachable ! () } ;", "keep_alive = true"),
            ("", "#[child] a = f, let b = 1 ; #[child] c = f"),
            ("", "let = f"),
            ("", "let a = 1 #[child] b = f, #[child] c = g ;"),
            ("", "let a = 1"),
        ] {
            let (found, rest) = parts(&format!("{statements} {entries}"));
            let (none, expected) = parts(entries);
            assert_eq!(found.replace(' ', ""), statements.replace(' ', ""), "{entries}");
            assert_eq!((none.as_str(), rest), ("", expected));
        }
    }
}
