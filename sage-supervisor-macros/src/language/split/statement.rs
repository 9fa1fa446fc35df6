//! Statements in place of entries: `for .. { #[child] .. }`.

use proc_macro2::TokenTree;

use super::entry::List;
use super::splitter::Splitter;
use crate::language::diag::{Diag, message};
use crate::language::tokens::{is_block, is_punct, is_word};

const LOOPS: [&str; 3] = ["for", "while", "loop"];
const CHOICES: [&str; 2] = ["if", "match"];

impl Splitter {
    /// Reports and skips a statement, and returns whether there was one.
    pub(super) fn statement(&mut self, diag: &mut Diag) -> bool {
        let Some(TokenTree::Ident(word)) = self.peek() else { return false };
        let is = |words: &[&str]| words.iter().any(|known| word == known);
        let named = self.list == List::Body;
        let help = match (is(&LOOPS), is(&CHOICES), named) {
            (true, _, false) => {
                "children made in a loop are added to a `Supervisor`: \
                 `supervisor! { .. }.children(..)`"
            }
            (true, _, true) => {
                "children made in a loop are added to what the function returns: `.children(..)`"
            }
            (_, true, false) => {
                "children that depend on a value are added to a `Supervisor`: \
                 `supervisor! { .. }.children(..)`"
            }
            (_, true, true) => {
                "children that depend on a value are added to what the function returns: \
                 `.children(..)`"
            }
            (_, _, false) if word == "let" => "write it above the block",
            (_, _, true) if word == "let" => "write it at the start of the function",
            _ => return false,
        };
        // A keyword that is followed like a key is a wrong name and not a statement. A rule about
        // names reports it and suggests `r#for`.
        let entry = match self.get(self.at + 1) {
            None => true,
            Some(next) => is_punct(next, ',') || is_punct(next, ':') || self.is_assign(self.at + 1),
        };
        if !self.list.is_block() || entry {
            return false;
        }
        let text = message(format!("`{word}` cannot stand in the block of a supervisor"));
        diag.error(word, text.help(help).note("a block is a list of settings and children"));
        let ends_with_block = word != "let";
        self.skip_statement(ends_with_block);
        true
    }

    fn skip_statement(&mut self, ends_with_block: bool) {
        while let Some(token) = self.peek() {
            let ends = if ends_with_block { is_block(token) } else { is_punct(token, ';') };
            self.at += 1;
            // An `if` goes on behind its block with `else`, and a `let .. else` never ends in front
            // of its semicolon.
            if ends && !self.peek().is_some_and(|next| is_word(next, "else")) {
                break;
            }
        }
        if self.peek().is_some_and(|next| is_punct(next, ',') || is_punct(next, ';')) {
            self.at += 1;
        }
    }
}
