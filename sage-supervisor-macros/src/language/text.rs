//! Tokens as text, for the edits that messages suggest.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::language::tokens::flatten;

/// Returns the tokens about as rustfmt would write an argument, a type or a call.
pub(crate) fn text(tokens: &[TokenTree]) -> String {
    let mut text = String::new();
    for (at, token) in tokens.iter().enumerate() {
        if at > 0 && is_apart(&tokens[..at], token) {
            text.push(' ');
        }
        match token {
            TokenTree::Group(group) => {
                let inner = self::text(&flatten(group.stream()));
                text.push_str(&match group.delimiter() {
                    Delimiter::Parenthesis => format!("({inner})"),
                    Delimiter::Bracket => format!("[{inner}]"),
                    Delimiter::Brace => format!("{{ {inner} }}"),
                    Delimiter::None => inner,
                });
            }
            other => text.push_str(&other.to_string()),
        }
    }
    text
}

pub(crate) fn text_of(tokens: &TokenStream) -> String {
    text(&flatten(tokens.clone()))
}

/// Returns whether a space belongs in front of the token.
fn is_apart(before: &[TokenTree], token: &TokenTree) -> bool {
    let [.., last] = before else { return false };
    let joined = match before {
        [.., TokenTree::Punct(punct), _] => punct.spacing() == Spacing::Joint,
        _ => false,
    };
    match (last, token) {
        (TokenTree::Punct(punct), next) => match (punct.as_char(), next) {
            (',' | ';', _) => true,
            (':', next) => punct.spacing() == Spacing::Alone && !joined && !is(next, ":"),
            // A space follows the `>` of an arrow, and a `>` in front of a name, as in
            // `for<'a> Fn()`.
            ('>', next) => joined_arrow(before) || matches!(next, TokenTree::Ident(_)),
            ('+' | '=' | '-' | '|' | '/', _) => punct.spacing() == Spacing::Alone,
            _ => false,
        },
        (_, TokenTree::Punct(punct)) => matches!(punct.as_char(), '+' | '=' | '-' | '|' | '/'),
        (_, TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        (_, TokenTree::Ident(_) | TokenTree::Literal(_)) => true,
    }
}

fn joined_arrow(before: &[TokenTree]) -> bool {
    matches!(before, [.., first, _] if is(first, "-") || is(first, "="))
}

fn is(token: &TokenTree, punct: &str) -> bool {
    matches!(token, TokenTree::Punct(_)) && token.to_string() == punct
}

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn tokens_read_as_they_were_written() {
        for text in [
            "name: String",
            "mut size: usize",
            "a: Arc<Vec<u8>>",
            "map: std::collections::HashMap<String, Vec<u8>>",
            "(a, b): (A, fn(B) -> C)",
            "key: &'static str",
            "a: Box<dyn Fn(A) -> B + Send>",
            "self::worker(inbox.clone(), 3, \"text\")",
            "[u8; 4]",
        ] {
            assert_eq!(text_of(&text.parse().expect("the test is made of tokens")), text);
        }
    }
}
