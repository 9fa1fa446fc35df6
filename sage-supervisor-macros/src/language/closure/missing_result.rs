//! Closures with a `?` that end somewhere without a result: with `return;`, or with nothing behind
//! the last statement.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::block::{ends_with_unit, is_cfg};
use super::head::{behind_bar, prefix_length, without_parentheses};
use super::walk::{foreign_length, is_macro_input};
use crate::language::krate::generated_at;
use crate::language::tokens::{can_end_expression, flatten, is_block, is_punct, is_word};

/// The place of a missing result.
pub(crate) enum Missing {
    /// The word `return`.
    Return(Span),
    /// The closing brace of the body.
    End(Span),
}

/// Returns the places where a result is certainly missing.
pub(crate) fn missing(closure: &TokenStream) -> Vec<Missing> {
    let tokens = without_parentheses(closure);
    let Some(TokenTree::Group(group)) = body(&tokens).and_then(|at| tokens.get(at)) else {
        return Vec::new();
    };
    let block = flatten(group.stream());
    let mut missing = Vec::new();
    // If it has no `?`, the closure may well return `()`, and nothing is missing.
    if uses_question(&block) {
        returns(&block, &mut missing);
        if ends_with_unit(&block) {
            missing.push(Missing::End(group.span_close()));
        }
    }
    missing
}

/// Returns the closure with `Ok(())` at these places, so that the rest of it is checked; `None` if
/// nothing is missing.
pub(crate) fn with_results(closure: &TokenStream) -> Option<TokenStream> {
    let missing = missing(closure);
    if missing.is_empty() {
        return None;
    }
    let mut tokens = without_parentheses(closure);
    let at_body = body(&tokens)?;
    if let TokenTree::Group(group) = &tokens[at_body] {
        let mut block = results(&flatten(group.stream()));
        if let Some(Missing::End(brace)) = missing.last() {
            block.extend(ok(*brace));
        }
        tokens[at_body] = regroup(group, block);
    }
    Some(tokens.into_iter().collect())
}

/// Returns the index of the block that is the body of the future.
fn body(tokens: &[TokenTree]) -> Option<usize> {
    let head = prefix_length(tokens);
    let asynchronous = tokens[..head].iter().any(|token| is_word(token, "async"));
    let body = tokens.get(head + 1..).and_then(behind_bar)?;
    let prefix = if asynchronous { 0 } else { prefix_length(body) };
    let is_body = asynchronous || body.first().is_some_and(|token| is_word(token, "async"));
    // A return type in front of the block, or a method behind it, makes the body longer than that.
    // The end that the block should have is then unknown, and nothing is reported.
    let is_last = prefix + 1 == body.len() && body.last().is_some_and(is_block);
    (is_body && is_last).then(|| tokens.len() - 1)
}

/// Returns whether the block contains a `?` of its own. The input of an unknown macro is left out,
/// because the macro may put it anywhere.
fn uses_question(block: &[TokenTree]) -> bool {
    let mut at = 0;
    while at < block.len() {
        let length = foreign_length(block, at);
        let question = length == 0
            && match &block[at] {
                TokenTree::Group(_) if is_macro_input(block, at) => false,
                TokenTree::Group(group) => uses_question(&flatten(group.stream())),
                token => is_punct(token, '?') && block[..at].last().is_some_and(can_end_expression),
            };
        if question {
            return true;
        }
        at += length.max(1);
    }
    false
}

/// Returns whether this is a `return` without a value. A `return` under a `#[cfg(..)]` may not
/// exist, and is passed over.
fn is_bare_return(tokens: &[TokenTree], at: usize) -> bool {
    let ends = |token: &TokenTree| is_punct(token, ';') || is_punct(token, ',');
    let is_configured = at > 0 && is_cfg(&tokens[at - 1]);
    is_word(&tokens[at], "return") && !is_configured && tokens.get(at + 1).is_none_or(ends)
}

/// Finds every `return` without a value.
fn returns(tokens: &[TokenTree], found: &mut Vec<Missing>) {
    let mut at = 0;
    while at < tokens.len() {
        let length = foreign_length(tokens, at);
        if length == 0 {
            match &tokens[at] {
                TokenTree::Group(_) if is_macro_input(tokens, at) => {}
                TokenTree::Group(group) => returns(&flatten(group.stream()), found),
                token if is_bare_return(tokens, at) => found.push(Missing::Return(token.span())),
                _ => {}
            }
        }
        at += length.max(1);
    }
}

/// Returns the tokens with `Ok(())` behind every `return` without a value. This walk visits the
/// same tokens as `returns`, so that a result is added exactly where its absence is reported.
fn results(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let length = foreign_length(tokens, at);
        match &tokens[at] {
            _ if length > 0 => all.extend(tokens[at..at + length].iter().cloned()),
            input @ TokenTree::Group(_) if is_macro_input(tokens, at) => all.push(input.clone()),
            TokenTree::Group(group) => {
                all.push(regroup(group, results(&flatten(group.stream()))));
            }
            token => {
                all.push(token.clone());
                if is_bare_return(tokens, at) {
                    all.extend(ok(token.span()));
                }
            }
        }
        at += length.max(1);
    }
    all
}

/// Returns the group with other tokens in it.
fn regroup(group: &Group, tokens: Vec<TokenTree>) -> TokenTree {
    let mut new = Group::new(group.delimiter(), tokens.into_iter().collect());
    new.set_span(group.span());
    new.into()
}

fn ok(span: Span) -> TokenStream {
    quote_spanned!(generated_at(span)=> ::core::result::Result::Ok(()))
}

#[cfg(test)]
mod tests {
    use super::{missing, with_results};

    // Returns the closure with results, or `None` if none is missing.
    fn mended(closure: &str) -> Option<String> {
        let closure = closure.parse().expect("the test is made of tokens");
        assert_eq!(missing(&closure).is_empty(), with_results(&closure).is_none(), "{closure}");
        with_results(&closure).map(|tokens| tokens.to_string().replace(' ', ""))
    }

    #[test]
    fn results_are_put_where_they_are_missing() {
        const OK: &str = "::core::result::Result::Ok(())";
        for (closure, expected) in [
            ("async |c| { f()?; }", "async|c|{f()?;@}"),
            ("move |c| async move { f()?; drop(c); }", "move|c|asyncmove{f()?;drop(c);@}"),
            ("async |c| { while g() { f()?; } }", "async|c|{whileg(){f()?;}@}"),
            ("async |c| { if g { return; } f()?; Ok(()) }", "async|c|{ifg{return@;}f()?;Ok(())}"),
            ("async |c| match f()? { 1 => return, _ => {} }", ""),
            (
                "async |c| { match f()? { 1 => return, _ => Ok(()) } }",
                "async|c|{matchf()?{1=>return@,_=>Ok(())}}",
            ),
        ] {
            let expected = (!expected.is_empty()).then(|| expected.replace('@', OK));
            assert_eq!(mended(closure), expected, "{closure}");
        }
    }

    #[test]
    fn nothing_is_missing_where_it_may_be_right() {
        for closure in [
            "async |c| { f(); }",
            "async |c| { return; }",
            "async |c| { f()?; Ok(()) }",
            "async |c| { f()?; exit(1); }",
            "async |c| loop { f()?; }",
            "async |c| { let g = || { return; }; f()?; Ok(()) }",
            "async |c| { async { return; }.await; f()?; Ok(()) }",
            "async |c| { fn g() { return; } f()?; Ok(()) }",
            "async |c| { let g = || { f()?; Ok(()) }; g(); return; }",
            "async |c| -> R { f()?; }",
            "async |c| { let r = attempt! { f()?; g()? }; println!(\"{r:?}\"); }",
            "async |c| { defer! { if g { return; } } f()?; Ok(()) }",
            "async |c| { f()?; #[cfg(windows)] return; Ok(()) }",
            "|c| f(c)",
        ] {
            assert_eq!(mended(closure), None, "{closure}");
        }
    }
}
