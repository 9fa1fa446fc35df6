//! Assignments that are lost: those to a value that every start has a copy of.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::block::{behind_attributes, is_assign};
use super::head::without_parentheses;
use crate::language::tokens::{flatten, is_block, is_keyword, is_list, is_punct, is_word};

/// The operators that assign, without the `=` behind them.
const COMPOUND: [&str; 10] = ["+", "-", "*", "/", "%", "^", "&", "|", "<<", ">>"];

/// Returns the first name that the closure assigns to although it is bound outside of the closure.
///
/// A name that is bound anywhere inside of the closure counts as bound there, and the names of constants
/// and statics, which are in capitals, are left alone. The input of a macro may be anything, so it is not
/// looked at.
pub(crate) fn lost_assignment(closure: &TokenStream) -> Option<Ident> {
    let tokens = without_parentheses(closure);
    let mut bound = Vec::new();
    bindings(&tokens, &mut bound);
    let mut first = None;
    assigned(&tokens, &mut |name| {
        let is_outer = !bound.contains(&name.to_string()) && !is_constant(name);
        if first.is_none() && is_outer {
            first = Some(name.clone());
        }
    });
    first
}

fn is_constant(name: &Ident) -> bool {
    !name.to_string().contains(char::is_lowercase)
}

/// Finds the names at the front of the places that are assigned to, such as `count` in `count += 1`,
/// `count.total = 1` and `count[0] = 1`.
fn assigned(tokens: &[TokenTree], found: &mut dyn FnMut(&Ident)) {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name)
                if begins_statement(&tokens[..at])
                    && !is_keyword(name)
                    && is_assigned(&tokens[at + 1..]) =>
            {
                found(name);
            }
            // The values of a macro stand in blocks, if it is one that runs them in place.
            TokenTree::Group(group) if is_select(&tokens[..at]) => {
                for inner in flatten(group.stream()).iter().filter(|token| is_block(token)) {
                    assigned(std::slice::from_ref(inner), found);
                }
            }
            TokenTree::Group(group) if !is_opaque(&tokens[..at], token) => {
                assigned(&flatten(group.stream()), found);
            }
            _ => {}
        }
    }
}

/// Returns whether a statement, or the value of a closure or of an arm, begins behind these tokens.
fn begins_statement(before: &[TokenTree]) -> bool {
    match before {
        [] => true,
        [.., equals, last] if is_punct(last, '>') => is_punct(equals, '='),
        [.., pound, last @ TokenTree::Group(_)] if is_punct(pound, '#') => !is_list(last),
        [.., last] => is_punct(last, ';') || is_punct(last, '|') || is_block(last),
    }
}

/// Returns whether the tokens behind a name are the rest of a place, and an assignment to it. A call in the
/// place may lead anywhere.
fn is_assigned(mut rest: &[TokenTree]) -> bool {
    loop {
        rest = match rest {
            [dot, TokenTree::Ident(_), TokenTree::Group(_), ..] if is_punct(dot, '.') => {
                return false;
            }
            [dot, TokenTree::Ident(_) | TokenTree::Literal(_), rest @ ..] if is_punct(dot, '.') => {
                rest
            }
            [TokenTree::Group(index), rest @ ..]
                if index.delimiter() == proc_macro2::Delimiter::Bracket =>
            {
                rest
            }
            _ => break,
        };
    }
    if is_assign(rest) {
        return true;
    }
    let operator =
        |length: usize| -> String { rest[..length].iter().map(ToString::to_string).collect() };
    (1..=2).any(|length| {
        rest.len() > length && is_assign(&rest[length..]) && COMPOUND.contains(&&*operator(length))
    })
}

/// Returns whether the group behind these tokens is the input of `select!`.
fn is_select(before: &[TokenTree]) -> bool {
    matches!(before, [.., name, bang] if is_punct(bang, '!') && is_word(name, "select"))
}

/// Returns whether the group behind these tokens holds no code of the closure's own: it belongs to an
/// attribute, to a macro, or to a function or type, which cannot name a variable outside of itself.
fn is_opaque(before: &[TokenTree], group: &TokenTree) -> bool {
    match before {
        [.., pound] if is_punct(pound, '#') => true,
        [.., name, bang]
            if is_punct(bang, '!')
                && matches!(name, TokenTree::Ident(word) if !is_keyword(word)) =>
        {
            true
        }
        [.., name, bang, TokenTree::Ident(_)]
            if is_punct(bang, '!') && is_word(name, "macro_rules") =>
        {
            true
        }
        _ if is_block(group) => is_item(before),
        _ => false,
    }
}

/// Returns whether the block behind these tokens belongs to an item.
fn is_item(before: &[TokenTree]) -> bool {
    let start = before.iter().rposition(|token| is_punct(token, ';') || is_block(token));
    let statement = behind_attributes(&before[start.map_or(0, |at| at + 1)..]);
    const ITEMS: [&str; 9] =
        ["fn", "struct", "enum", "union", "impl", "mod", "trait", "extern", "pub"];
    let is_qualifier =
        |token: &&TokenTree| ["async", "unsafe", "const"].iter().any(|word| is_word(token, word));
    let behind = statement.iter().find(|token| !is_qualifier(token));
    behind.is_some_and(|token| ITEMS.iter().any(|word| is_word(token, word)))
}

/// Collects the names that may be bound inside of the closure. A name too many does no harm.
fn bindings(tokens: &[TokenTree], bound: &mut Vec<String>) {
    let mut in_pattern = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word)
                if ["let", "for", "static", "const", "fn"].iter().any(|w| word == w) =>
            {
                in_pattern = true;
            }
            TokenTree::Ident(word) if word == "in" => in_pattern = false,
            TokenTree::Ident(word) if in_pattern || follows_binder(&tokens[..at]) => {
                bound.push(word.to_string());
            }
            TokenTree::Punct(punct) if is_assign(&tokens[at..]) || punct.as_char() == ';' => {
                in_pattern = false;
            }
            // The arguments of a closure, and what stands between two other bars.
            TokenTree::Punct(punct) if punct.as_char() == '|' => {
                let rest = &tokens[at + 1..];
                if let Some(end) = rest.iter().position(|token| is_punct(token, '|')) {
                    names(&rest[..end], bound);
                }
            }
            // The pattern of an arm stands in front of `=>`, back to the arm before it.
            TokenTree::Punct(_) if is_arrow(&tokens[at..]) => {
                let ends_arm = |token: &TokenTree| is_punct(token, ',') || is_block(token);
                let start = tokens[..at].iter().rposition(ends_arm).map_or(0, |at| at + 1);
                names(&tokens[start..at], bound);
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Punct(_) => {}
            TokenTree::Group(group) => {
                let inner = flatten(group.stream());
                if in_pattern {
                    names(&inner, bound);
                }
                bindings(&inner, bound);
                in_pattern &= !is_block(token);
            }
        }
    }
}

fn follows_binder(before: &[TokenTree]) -> bool {
    before.last().is_some_and(|word| is_word(word, "mut") || is_word(word, "ref"))
}

fn is_arrow(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [equals, arrow, ..] if is_punct(equals, '=') && is_punct(arrow, '>'))
}

fn names(tokens: &[TokenTree], bound: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => bound.push(word.to_string()),
            TokenTree::Group(group) => names(&flatten(group.stream()), bound),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lost_assignment;

    fn lost(closure: &str) -> Option<String> {
        let closure = closure.parse().expect("the test is made of tokens");
        lost_assignment(&closure).map(|name| name.to_string())
    }

    #[test]
    fn an_assignment_to_a_name_from_outside_is_lost() {
        for closure in [
            "async move |_| { n += 1; }",
            "async move |_| n = 1",
            "|_| async move { n -= 1; f(n).await }",
            "move |_| { n <<= 1; async {} }",
            "async move |_| { f().await; n ^= 1 }",
            "async move |_| { if a { n |= 1; } }",
            "async move |_| { loop { n /= 2; } }",
            "async move |_| match a { Some(_) => n = 2, None => {} }",
            "async move |_| { a.for_each(|x| n += x); }",
            "async move |_| { select! { _ = f() => { n += 1; } } }",
            "async move |_| { tokio::select! { x = f() => { n += x; } } }",
            "async move |_| { n.total += 1; }",
            "async move |_| { n.0.total = 1; }",
            "async move |_| { n[0] = 1; }",
            "async move |_| { n[0].last = Some(1); }",
            "async move |_| { let m = 1; n = m; }",
            "async move |_| { #[cfg(a)] n = 1; }",
            "async move |_| { unsafe { n = 1 } }",
            "(async move |_| { n >>= 1; })",
        ] {
            assert_eq!(lost(closure).as_deref(), Some("n"), "{closure}");
        }
    }

    #[test]
    fn any_other_assignment_is_none() {
        for closure in [
            "async move |_| { let n; n = 1; }",
            "async move |_| { let mut n = n; n += 1; }",
            "async move |_| { let (mut n, m) = f(); n += 1; }",
            "async move |_| { let S { n, .. } = f(); n = 1; }",
            "async move |mut n| { n += 1; }",
            "async move |_| { for n in 0..3 { n += 1; } }",
            "async move |_| { if let Some(mut n) = f() { n += 1; } }",
            "async move |_| { while let Some(n) = f() { n = 1; } }",
            "async move |_| { match f() { Some(mut n) if a => n += 1, m => {} } }",
            "async move |_| { match f() { A => {} n => { n = 1; } } }",
            "async move |_| { a.map(|mut n| { n += 1; n }); }",
            "async move |_| { let f = |(n, m)| { n = m; }; }",
            "async move |_| { fn f(mut n: u32) { n += 1; } }",
            "async move |_| { static mut n: u32 = 0; n += 1; }",
            "async move |_| { N += 1; }",
            "async move |_| { *n += 1; }",
            "async move |_| { *n.lock() = 1; }",
            "async move |_| { n.lock().unwrap().total += 1; }",
            "async move |_| { n.get_mut()[0] = 1; }",
            "async move |_| { a::n += 1; }",
            "async move |_| { self.n += 1; }",
            "async move |_| { n == 1; n >= 1; n <= 1; n != 1; n => 1; }",
            "async move |_| { println!(\"{n}\", n = 1); }",
            "async move |_| { query!(n = 1); m! { n = 1; } }",
            "async move |_| { select! { n = f() => { n = 1; } } }",
            "async move |_| { #[instrument(n = 1)] fn f() {} }",
            "async move |_| { impl A for B { type n = u32; } }",
            "async move |_| { struct A { n: u32 } A { n: 1 } }",
            "async move |_| { let a: Box<dyn Iterator<Item = u32>> = f(); }",
            "async move |_| { 'n: loop { break 'n; } }",
            "async move |_| { const n: u32 = 1; }",
            "async move |_| { macro_rules! n { ($a:ident) => { $a = 1; } } }",
            "async move |_| { supervisor! { n = \"1\" } }",
        ] {
            assert_eq!(lost(closure), None, "{closure}");
        }
    }
}
