//! A cursor over the tokens of a signature, which takes one part after another.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};

use crate::language::tokens::{flatten, is_punct};

pub(crate) struct Reader<'a> {
    pub(crate) tokens: &'a [TokenTree],
    pub(crate) at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn rest(&self) -> &'a [TokenTree] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    pub(crate) fn next(&mut self) -> Option<&'a TokenTree> {
        let token = self.rest().first();
        self.at += 1;
        token
    }

    pub(crate) fn word(&mut self, expected: &str) -> Option<Ident> {
        match self.rest().first() {
            Some(TokenTree::Ident(word)) if word == expected => {
                self.at += 1;
                Some(word.clone())
            }
            _ => None,
        }
    }

    pub(crate) fn attributes(&mut self) -> Vec<(String, TokenStream)> {
        let mut attributes = Vec::new();
        while let [pound, TokenTree::Group(group), ..] = self.rest() {
            if !is_punct(pound, '#') {
                break;
            }
            let path = flatten(group.stream()).first().map(ToString::to_string);
            let tokens = [pound.clone(), group.clone().into()].into_iter().collect();
            attributes.push((path.unwrap_or_default(), tokens));
            self.at += 2;
        }
        attributes
    }

    pub(crate) fn visibility(&mut self) -> TokenStream {
        // The `$vis` of a `macro_rules!` is an invisible group, which may be empty.
        let length = match self.rest() {
            [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::None => 1,
            [TokenTree::Ident(word), TokenTree::Group(_), ..] if word == "pub" => 2,
            [TokenTree::Ident(word), ..] if word == "pub" => 1,
            _ => 0,
        };
        let visibility = self.rest()[..length].iter().cloned().collect();
        self.at += length;
        visibility
    }

    pub(crate) fn qualifiers(&mut self) -> Vec<TokenTree> {
        let is_qualifier = |token: &&TokenTree| match token {
            TokenTree::Ident(word) => {
                ["async", "const", "unsafe", "safe", "extern"].iter().any(|known| word == known)
            }
            // This is the ABI in `extern "C"`.
            TokenTree::Literal(_) => true,
            _ => false,
        };
        let qualifiers = self.rest().iter().take_while(is_qualifier).cloned().collect::<Vec<_>>();
        self.at += qualifiers.len();
        qualifiers
    }

    pub(crate) fn generics(&mut self) -> TokenStream {
        let mut angles = Angles::default();
        let length = self.rest().iter().take_while(|token| angles.see(token)).count();
        // The last `>` closes the list, so `see` does not count it although it belongs to the
        // generics.
        let length = if length == 0 { 0 } else { length + 1 };
        let length = length.min(self.rest().len());
        let generics = self.rest()[..length].iter().cloned().collect();
        self.at += length;
        generics
    }
}

/// Returns the index behind the `fn` of a function that starts here, or `None` if no function does.
pub(crate) fn function_name(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let mut reader = Reader { tokens, at };
    reader.attributes();
    reader.visibility();
    reader.qualifiers();
    reader.word("fn")?;
    // `fn(A) -> B` is a type.
    matches!(reader.rest().first(), None | Some(TokenTree::Ident(_))).then_some(reader.at)
}

/// The depth of angle brackets. The `>` of `->` and `=>` closes none.
#[derive(Default)]
pub(crate) struct Angles {
    depth: usize,
    arrow: bool,
}

impl Angles {
    /// Takes the next token, and returns whether the tokens behind it are inside of brackets.
    pub(crate) fn see(&mut self, token: &TokenTree) -> bool {
        let arrow = std::mem::take(&mut self.arrow);
        if let TokenTree::Punct(punct) = token {
            match punct.as_char() {
                '<' => self.depth += 1,
                '>' if !arrow => self.depth = self.depth.saturating_sub(1),
                '-' | '=' => self.arrow = punct.spacing() == Spacing::Joint,
                _ => {}
            }
        }
        self.depth > 0
    }
}

/// Splits the tokens at the commas outside of angle brackets.
pub(super) fn split(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut angles = Angles::default();
    tokens
        .split(|token| !angles.see(token) && is_punct(token, ','))
        .filter(|item| !item.is_empty())
        .collect()
}
