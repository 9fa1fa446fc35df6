//! Tokens to entries, recovering after every mistake. The only place that knows commas.
//!
//! Values are never parsed. Outside of a closure head and of generic arguments, a comma at the top level of a value ends
//! it; and neither `value #[..]` nor `value name =` occurs inside a Rust expression, so a missing comma is found exactly
//! where it should have been and the entry behind it is still understood.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};

use crate::diag::{Diag, Place, message};

/// `key`, `key = value` or `key(..)`, with the attributes in front of it.
pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) key: Ident,
    pub(crate) form: Form,
}

pub(crate) enum Form {
    Bare,
    Assign(TokenStream),
    List(Group),
    /// Not understood, and reported.
    Wrong,
}

/// `#[..]`.
pub(crate) struct Attribute {
    pound: Punct,
    group: Group,
}

impl Attribute {
    pub(crate) fn content(&self) -> TokenStream {
        self.group.stream()
    }

    /// The path in front of the arguments.
    pub(crate) fn path(&self) -> String {
        self.content()
            .into_iter()
            .take_while(|token| match token {
                TokenTree::Ident(_) => true,
                TokenTree::Punct(punct) => punct.as_char() == ':',
                _ => false,
            })
            .map(|token| token.to_string())
            .collect()
    }

    pub(crate) fn place(&self) -> Place {
        Place::between(&self.pound, self.group.span())
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(self.pound.clone());
        tokens.append(self.group.clone());
    }
}

/// Which list is being split.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum List {
    Block,
    Options,
}

pub(crate) fn entries(tokens: TokenStream, list: List, diag: &mut Diag) -> Vec<Entry> {
    let mut splitter = Splitter { tokens: tokens.into_iter().collect(), at: 0, list };
    let mut entries = Vec::new();
    while splitter.peek().is_some() {
        diag.enter(entries.len());
        entries.extend(splitter.entry(diag));
        diag.leave();
    }
    entries
}

struct Splitter {
    tokens: Vec<TokenTree>,
    at: usize,
    list: List,
}

impl Splitter {
    fn get(&self, index: usize) -> Option<&TokenTree> {
        self.tokens.get(index)
    }

    fn peek(&self) -> Option<&TokenTree> {
        self.get(self.at)
    }

    fn entry(&mut self, diag: &mut Diag) -> Option<Entry> {
        let attributes = self.attributes(diag);
        match self.peek() {
            Some(TokenTree::Ident(key)) => {
                let key = key.clone();
                self.at += 1;
                let form = self.form(&key, diag);
                Some(Entry { attributes, key, form })
            }
            token => {
                self.not_an_entry(token, attributes.last(), diag);
                self.skip_entry();
                None
            }
        }
    }

    fn not_an_entry(
        &self,
        token: Option<&TokenTree>,
        attribute: Option<&Attribute>,
        diag: &mut Diag,
    ) {
        if let Some(attribute) = attribute {
            let text = message("this attribute is not followed by a child")
                .help("write the child after it: `#[child] name = start,`");
            diag.error(attribute.place(), text);
        } else if let Some(token) = token {
            let text = message(format!("expected {}, found {}", self.expected(), describe(token)));
            diag.error(token, text);
        }
    }

    fn expected(&self) -> &'static str {
        match self.list {
            List::Block => "a setting `key = value` or a child `#[child] name = start`",
            List::Options => "an option `key = value`",
        }
    }

    fn attributes(&mut self, diag: &mut Diag) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while let Some(TokenTree::Punct(pound)) = self.peek() {
            if pound.as_char() != '#' {
                break;
            }
            let pound = pound.clone();
            self.at += 1;
            let inner = matches!(self.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '!');
            self.at += usize::from(inner);
            match self.peek() {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                    let attribute = Attribute { pound, group: group.clone() };
                    self.at += 1;
                    if inner {
                        let text = message("an inner attribute has no meaning here");
                        diag.error(attribute.place(), text.help("remove the `!`"));
                    }
                    attributes.push(attribute);
                }
                _ => diag.error(&pound, message("expected `[..]` after `#`")),
            }
        }
        attributes
    }

    /// What follows a key, with the comma behind it.
    fn form(&mut self, key: &Ident, diag: &mut Diag) -> Form {
        let found = self.peek().cloned();
        match found {
            None => Form::Bare,
            Some(TokenTree::Punct(punct)) if punct.as_char() == ',' => {
                self.at += 1;
                Form::Bare
            }
            Some(TokenTree::Punct(_)) if self.is_assign(self.at) => {
                self.at += 1;
                Form::Assign(self.value(diag))
            }
            Some(TokenTree::Punct(punct))
                if punct.as_char() == ':' && punct.spacing() == Spacing::Alone =>
            {
                let text = message(format!("expected `=` after `{key}`, found `:`"));
                diag.error(&punct, text.help("the list is made of `name = value`"));
                self.at += 1;
                Form::Assign(self.value(diag))
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                self.at += 1;
                self.end_of_list(&group, diag);
                Form::List(group)
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '#' => {
                self.missing_comma(key.span(), diag);
                Form::Bare
            }
            Some(token) => {
                let text =
                    message(format!("expected `=` after `{key}`, found {}", describe(&token)));
                diag.error(&token, text);
                self.skip_entry();
                Form::Wrong
            }
        }
    }

    fn end_of_list(&mut self, group: &Group, diag: &mut Diag) {
        match self.peek() {
            None => {}
            Some(token) if is_punct(token, ',') => self.at += 1,
            Some(TokenTree::Ident(_)) => self.missing_comma(group.span_close(), diag),
            Some(token) if is_punct(token, '#') => self.missing_comma(group.span_close(), diag),
            Some(token) => {
                diag.error(token, message(format!("expected `,`, found {}", describe(token))));
                self.skip_entry();
            }
        }
    }

    /// Everything up to the end of the entry, with the comma behind it.
    fn value(&mut self, diag: &mut Diag) -> TokenStream {
        let start = self.at;
        let mut types = Types::default();
        while let Some(token) = self.peek() {
            if self.starts_attribute(self.at) || (!types.inside() && self.starts_entry(start)) {
                if let Some(last) = self.tokens[start..self.at].last() {
                    self.missing_comma(end_of(last), diag);
                }
                return self.tokens[start..self.at].iter().cloned().collect();
            }
            if is_punct(token, ',') && (!types.inside() || self.starts_attribute(self.at + 1)) {
                let value = self.tokens[start..self.at].iter().cloned().collect();
                self.at += 1;
                return value;
            }
            let head = self.closure_head(start);
            if head == 0 {
                types.see(&self.tokens[start..=self.at]);
                self.at += 1;
            } else {
                self.at += head;
            }
        }
        self.tokens[start..].iter().cloned().collect()
    }

    fn missing_comma(&self, at: Span, diag: &mut Diag) {
        let what = if self.list == List::Block { "value" } else { "option" };
        diag.error(at, message(format!("expected `,` after this {what}")));
    }

    /// `=`, and neither `==` nor `=>`.
    fn is_assign(&self, index: usize) -> bool {
        let Some(TokenTree::Punct(punct)) = self.get(index) else { return false };
        if punct.as_char() != '=' {
            return false;
        }
        punct.spacing() == Spacing::Alone
            || !matches!(self.get(index + 1), Some(TokenTree::Punct(p)) if matches!(p.as_char(), '=' | '>'))
    }

    fn starts_attribute(&self, index: usize) -> bool {
        matches!(self.get(index), Some(token) if is_punct(token, '#'))
            && matches!(self.get(index + 1), Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Bracket)
    }

    /// A name in a place where no expression has one, because the token before it completes a value.
    fn starts_entry(&self, start: usize) -> bool {
        let Some(TokenTree::Ident(name)) = self.peek() else { return false };
        if self.at == start || is_keyword(name) || !completes(&self.tokens[self.at - 1]) {
            return false;
        }
        let options = self.list == List::Options;
        match self.get(self.at + 1) {
            None => options,
            Some(TokenTree::Group(group)) => options && group.delimiter() == Delimiter::Parenthesis,
            Some(token) => self.is_assign(self.at + 1) || (options && is_punct(token, ',')),
        }
    }

    /// The number of tokens of the closure head `|..|` that starts here.
    fn closure_head(&self, start: usize) -> usize {
        let prefix = self.at == start
            || match &self.tokens[self.at - 1] {
                TokenTree::Ident(word) => is_keyword(word),
                TokenTree::Punct(punct) => punct.as_char() != '?',
                _ => false,
            };
        if !prefix || !self.peek().is_some_and(|token| is_punct(token, '|')) {
            return 0;
        }
        let rest = &self.tokens[self.at + 1..];
        let end = rest
            .iter()
            .position(|token| is_punct(token, '|') || is_punct(token, '=') || is_punct(token, '#'));
        match end {
            Some(end) if is_punct(&rest[end], '|') => end + 2,
            _ => 0,
        }
    }

    fn skip_entry(&mut self) {
        while let Some(token) = self.peek() {
            if self.starts_attribute(self.at) {
                return;
            }
            let comma = is_punct(token, ',');
            self.at += 1;
            if comma {
                return;
            }
        }
    }
}

/// Whether the scanner is between the angle brackets of a type, where a comma separates arguments.
#[derive(Default)]
struct Types {
    depth: usize,
    /// Behind `->` or `as`.
    expected: bool,
}

impl Types {
    fn inside(&self) -> bool {
        self.depth > 0
    }

    /// `seen` ends with the token to look at.
    fn see(&mut self, seen: &[TokenTree]) {
        let [before @ .., token] = seen else { return };
        let follows = |c| before.last().is_some_and(|last| is_punct(last, c));
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => {
                let opens = self.inside() || self.expected || before.is_empty() || follows(':');
                self.depth += usize::from(opens);
            }
            TokenTree::Punct(punct) if punct.as_char() == '>' && follows('-') => {
                self.expected = true;
            }
            TokenTree::Punct(punct) if punct.as_char() == '>' && !follows('=') => {
                self.depth = self.depth.saturating_sub(1);
            }
            TokenTree::Ident(word) if word == "as" => self.expected = true,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !self.inside() => {
                self.expected = false;
            }
            _ => {}
        }
    }
}

pub(crate) fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

/// Whether an expression can end with this token.
fn completes(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(word) => !is_keyword(word) || word == "self" || word == "await",
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}

fn is_keyword(word: &Ident) -> bool {
    const KEYWORDS: [&str; 28] = [
        "as", "async", "await", "box", "break", "const", "continue", "do", "dyn", "else", "fn",
        "for", "if", "impl", "in", "let", "loop", "match", "move", "mut", "ref", "return", "self",
        "static", "unsafe", "where", "while", "yield",
    ];
    KEYWORDS.iter().any(|keyword| word == keyword)
}

/// Where a comma behind this token would be missing.
fn end_of(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    }
}

fn describe(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Brace => "`{`".to_owned(),
            Delimiter::Bracket => "`[`".to_owned(),
            Delimiter::Parenthesis => "`(`".to_owned(),
            Delimiter::None => "an expression".to_owned(),
        },
        other => format!("`{other}`"),
    }
}
