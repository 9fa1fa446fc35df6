//! What is written as in another language, or as outside of a block: comments that begin with `#`, lists of
//! children, macros and calls in place of entries.

use proc_macro2::{Delimiter, Ident, TokenTree};
use syn::Lit;

use super::attribute::Attribute;
use super::splitter::Splitter;
use crate::language::diag::{Diag, message};
use crate::language::tokens::{is_list, is_path, is_path_prefix, is_punct};
use crate::language::words;

impl Splitter {
    /// Reports and skips a comment such as `# the workers`, and returns whether there was one.
    pub(super) fn comment(&mut self, diag: &mut Diag) -> bool {
        let (Some(pound), Some(TokenTree::Ident(word))) = (self.peek(), self.get(self.at + 1))
        else {
            return false;
        };
        let is_next_word = matches!(self.get(self.at + 2), Some(TokenTree::Ident(_)));
        let is_mark =
            words::is_mark(&word.to_string()) && (!is_next_word || self.is_key(self.at + 2));
        if !self.list.is_block() || !is_punct(pound, '#') || is_mark || self.is_key(self.at + 1) {
            return false;
        }
        diag.error(pound, message("a comment begins with `//`").help("write `// ..`"));
        self.at += 1;
        // A block has no lines: the comment ends where something begins that looks like an entry.
        while self.peek().is_some_and(|token| !is_punct(token, '#')) && !self.is_key(self.at) {
            self.at += 1;
        }
        true
    }

    /// Reports and skips a child such as `child "worker" { .. }`, and returns whether there was one.
    pub(super) fn quoted_name(&mut self, diag: &mut Diag) -> bool {
        let (Some(TokenTree::Ident(word)), Some(TokenTree::Literal(name))) =
            (self.peek(), self.get(self.at + 1))
        else {
            return false;
        };
        let is_child = words::is_mark(&word.to_string());
        let Lit::Str(name) = Lit::new(name.clone()) else { return false };
        if !self.list.is_block() || !is_child {
            return false;
        }
        let name = Some(name.value()).filter(|name| syn::parse_str::<Ident>(name).is_ok());
        let name = name.unwrap_or_else(|| "name".to_owned());
        let text = message(format!("`{word}` is not written in front of a name"));
        diag.error(word, text.help(format!("write `#[child] {name} = start`")));
        self.at += 2;
        // A block, a list or a value may follow.
        while self.peek().is_some_and(|token| matches!(token, TokenTree::Group(_))) {
            self.at += 1;
        }
        if self.peek().is_some_and(|token| !is_punct(token, '#')) {
            self.skip_entry();
        }
        true
    }

    /// Returns whether a name with a `=` stands here.
    fn is_key(&self, index: usize) -> bool {
        matches!(self.get(index), Some(TokenTree::Ident(_))) && self.is_assign(index + 1)
    }

    /// Reports and skips a list such as `[worker, other]`, and returns whether there was one.
    pub(super) fn list_of_children(&mut self, diag: &mut Diag) -> bool {
        let Some(TokenTree::Group(group)) = self.peek() else { return false };
        let has_comma = group.stream().into_iter().any(|token| is_punct(&token, ','));
        if !self.list.is_block() || group.delimiter() != Delimiter::Bracket || !has_comma {
            return false;
        }
        let text = message("the children of a supervisor are not written as a list");
        let text = text
            .help("write an entry for each child: `#[child] name = start`")
            .note("children start in the order of their entries");
        diag.error(group.span_open(), text);
        self.skip_entry();
        true
    }

    /// Reports and skips a macro or a call such as `workers!(a, b)` or `tokio::spawn(worker);`, and returns
    /// whether there was one.
    pub(super) fn macro_or_call(&mut self, attributes: &[Attribute], diag: &mut Diag) -> bool {
        let rest = &self.tokens[self.at..];
        let length = rest.iter().take_while(|token| is_path(token)).count();
        let Some(TokenTree::Ident(first)) = rest.first() else { return false };
        let path = &rest[..length];
        if !path.split_last().is_some_and(|(_, front)| is_path_prefix(front)) {
            return false;
        }
        let name = path.last().map(ToString::to_string).unwrap_or_default();
        let is_macro = matches!(rest.get(length..), Some([bang, TokenTree::Group(_), ..]) if is_punct(bang, '!'));
        let is_call = path.len() > 1 && rest.get(length).is_some_and(is_list);
        let is_spawn = is_call && SPAWNS.contains(&name.as_str());
        // A call behind the mark of a child lacks its name, which is reported elsewhere.
        if !self.list.is_block() || !(is_spawn || attributes.is_empty() && (is_macro || is_call)) {
            return false;
        }
        let text = if is_macro {
            message(format!("the macro `{name}!` cannot write entries")).note(
                "a block reads its own entries before the macros in it are expanded, and the values of \
                 entries after that",
            )
        } else if is_spawn {
            message("a child is not spawned: its supervisor starts it")
        } else {
            message("a call is no entry")
        };
        diag.error(first, text.help("write an entry for each child: `#[child] name = start`"));
        self.skip_entry();
        true
    }
}

/// Functions that start a task or a thread.
pub(crate) const SPAWNS: [&str; 4] = ["spawn", "spawn_blocking", "spawn_local", "spawn_supervised"];
