//! What the macro reads off a closure without parsing it: that it is one, and whether its error type
//! has to be given.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::split::is_punct;

pub(crate) fn is_closure(value: &TokenStream) -> bool {
    let tokens = unwrap(value);
    tokens.get(bars(&tokens)).is_some_and(|token| is_punct(token, '|'))
}

/// An `async { .. }` block and nothing behind it.
pub(crate) fn is_async_block(value: &TokenStream) -> bool {
    let tokens = unwrap(value);
    matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == "async")
        && bars(&tokens) + 1 == tokens.len()
        && tokens.last().is_some_and(is_block)
}

/// `async |..|`
pub(crate) fn is_async_without_move(closure: &TokenStream) -> bool {
    let tokens = unwrap(closure);
    let head = &tokens[..bars(&tokens)];
    head.iter().any(|token| is_word(token, "async"))
        && !head.iter().any(|token| is_word(token, "move"))
}

/// Whether the error type of the closure's result has to be given, because `?` and `Ok(..)` leave it
/// open.
///
/// Only the closure's own result counts: what an inner closure, an inner `async` block or a pattern
/// contains says nothing about it. A closure that names its type, by `-> Result<..>` or `Ok::<..>`,
/// needs no help.
pub(crate) fn is_fallible(closure: &TokenStream) -> bool {
    let tokens = unwrap(closure);
    let head = bars(&tokens);
    let asynchronous = tokens[..head].iter().any(|token| is_word(token, "async"));
    let Some(body) = tokens.get(head + 1..).and_then(behind_bar) else { return false };
    if body.first().is_some_and(|token| is_punct(token, '-')) {
        return false;
    }
    let signs = scan(body, if asynchronous { 0 } else { 1 }, true);
    (signs.question || signs.ok) && !signs.named
}

fn unwrap(value: &TokenStream) -> Vec<TokenTree> {
    let tokens = value.clone().into_iter().collect::<Vec<_>>();
    match tokens.as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            unwrap(&group.stream())
        }
        _ => tokens,
    }
}

/// The index of the first token behind `async`, `move` and `static`.
fn bars(tokens: &[TokenTree]) -> usize {
    let is_prefix =
        |token: &TokenTree| ["async", "move", "static"].iter().any(|w| is_word(token, w));
    tokens.iter().take_while(|token| is_prefix(token)).count()
}

fn behind_bar(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    let bar = tokens.iter().position(|token| is_punct(token, '|'))?;
    Some(&tokens[bar + 1..])
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_block(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

#[derive(Clone, Copy, Default)]
struct Signs {
    question: bool,
    ok: bool,
    named: bool,
}

impl Signs {
    fn add(&mut self, other: Self) {
        self.question |= other.question;
        self.ok |= other.ok;
        self.named |= other.named;
    }
}

/// `blocks` is how many `async` blocks deep the closure's own result may lie.
fn scan(tokens: &[TokenTree], blocks: usize, body: bool) -> Signs {
    let mut signs = Signs::default();
    // A pattern is recognised by the `=` or `=>` behind it.
    let mut segment = Signs::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at + 1..];
        at += 1;
        match token {
            TokenTree::Ident(word) if word == "async" => {
                at += bars(rest);
                match tokens.get(at) {
                    Some(TokenTree::Group(block)) if is_block(&tokens[at]) => {
                        if blocks > 0 {
                            segment.add(scan(&unwrap(&block.stream()), blocks - 1, false));
                        }
                        at += 1;
                    }
                    Some(token) if is_punct(token, '|') => at += inner_closure(&tokens[at..]),
                    _ => {}
                }
            }
            TokenTree::Ident(word) if word == "fn" => {
                at += rest.iter().position(is_block).map_or(0, |block| block + 1);
            }
            TokenTree::Ident(word)
                if word == "matches" && rest.first().is_some_and(|t| is_punct(t, '!')) =>
            {
                at += 2;
            }
            TokenTree::Ident(word) if word == "Ok" => match rest.first() {
                Some(TokenTree::Group(_)) => segment.ok = true,
                Some(next) if is_punct(next, ':') => segment.named = true,
                _ => {}
            },
            TokenTree::Punct(punct) => match punct.as_char() {
                '?' => segment.question = true,
                '|' if !(body && at == 1) && starts_closure(&tokens[..at - 1]) => {
                    at += inner_closure(&tokens[at - 1..]) - 1;
                }
                '=' if punct.spacing() == Spacing::Alone
                    || !rest.first().is_some_and(|t| is_punct(t, '=')) =>
                {
                    segment.ok = false;
                }
                ',' | ';' => signs.add(std::mem::take(&mut segment)),
                _ => {}
            },
            TokenTree::Group(group) => {
                segment.add(scan(&group.stream().into_iter().collect::<Vec<_>>(), blocks, false));
                if is_block(token) {
                    signs.add(std::mem::take(&mut segment));
                }
            }
            _ => {}
        }
    }
    signs.add(segment);
    signs
}

fn starts_closure(before: &[TokenTree]) -> bool {
    match before.last() {
        None => true,
        Some(TokenTree::Ident(word)) => word == "move" || word == "return",
        Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ',' | '=' | ';'),
        Some(_) => false,
    }
}

/// The number of tokens of the closure that starts with the bar in front.
fn inner_closure(tokens: &[TokenTree]) -> usize {
    let Some(body) = behind_bar(&tokens[1..]) else { return 1 };
    let head = tokens.len() - body.len();
    let end = body.iter().position(|t| is_punct(t, ',') || is_punct(t, ';'));
    head + end.unwrap_or(body.len())
}

#[cfg(test)]
mod tests {
    use super::{is_async_block, is_closure, is_fallible};

    fn tokens(text: &str) -> proc_macro2::TokenStream {
        text.parse().expect("the test is made of tokens")
    }

    #[test]
    fn closures_are_told_from_other_values() {
        for closure in ["|ctx| x", "|| x", "move |a, b| {}", "async |c| {}", "async move |_| {}"] {
            assert!(is_closure(&tokens(closure)), "{closure}");
        }
        for other in
            ["worker", "a | b", "async {}", "async move { 1 }", "f(|x| x)", "move", "async", ""]
        {
            assert!(!is_closure(&tokens(other)), "{other}");
        }
        assert!(is_async_block(&tokens("async move {}")));
        assert!(!is_async_block(&tokens("async {}.boxed()")));
        assert!(!is_async_block(&tokens("async")));
    }

    #[test]
    fn a_question_mark_or_an_ok_needs_the_error_type() {
        for closure in [
            "async |ctx| { f()?; Ok(()) }",
            "async |ctx| loop { f().await?; }",
            "async |ctx| Ok(())",
            "|ctx| async move { f().await?; Ok(()) }",
            "move |ctx| { let db = db.clone(); async move { db.ping().await?; Ok(()) } }",
            "async |_| match f().await { Ok(()) => Ok(()), Err(e) => Err(e.into()) }",
            "async |_| { let x = f(g()?, || 1); x }",
            "async |_| { if let Ok(x) = f() { g(x?); } }",
        ] {
            assert!(is_fallible(&tokens(closure)), "{closure}");
        }
    }

    #[test]
    fn what_is_not_the_result_of_the_closure_does_not_count() {
        for closure in [
            "async |ctx| ctx.cancelled().await",
            "async |_| { while let Ok(x) = rx.recv().await { f(x); } }",
            "async |_| { while let Some(Ok(x)) = rx.next().await {} }",
            "async |_| { let Ok(x) = f() else { return }; }",
            "async |_| match f().await { Ok(x) | Err(x) => g(x) }",
            "async |_| { match f() { Ok(()) => {} Err(e) => log(e) } }",
            "async |_| { matches!(f(), Ok(_)); }",
            "async |_| { select! { Ok(x) = f() => g(x), _ = h() => {} } }",
            "async |_| { let r: Result<(), E> = async { f()?; Ok(()) }.await; }",
            "async |_| { spawn(async move { f()?; Ok(()) }); }",
            "async |_| { let f = |x: &str| x.parse::<u8>().map(|x| Ok(x))?; f(1); }",
            "|ctx| { spawn(move |x| g(x)?, 1); async move { h().await } }",
            "async |_| { fn f() -> R { g()?; Ok(()) } f(); }",
        ] {
            assert!(!is_fallible(&tokens(closure)), "{closure}");
        }
    }

    #[test]
    fn a_closure_that_names_its_type_is_left_alone() {
        assert!(!is_fallible(&tokens("async |ctx| -> Result<(), E> { f()?; Ok(()) }")));
        assert!(!is_fallible(&tokens("|ctx| async move { f()?; Ok::<(), E>(()) }")));
    }
}
