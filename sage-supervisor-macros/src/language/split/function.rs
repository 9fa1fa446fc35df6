//! Functions among the entries: `#[child] async fn worker(..) { .. }`.

use proc_macro2::TokenTree;

use super::splitter::Splitter;
use crate::language::diag::{Diag, message};
use crate::language::signature::function_name;
use crate::language::tokens::{is_block, is_punct};

impl Splitter {
    /// Reports and skips a function, and returns whether there was one.
    pub(super) fn function(&mut self, diag: &mut Diag) -> bool {
        if !self.list.is_block() {
            return false;
        }
        let Some(name) = function_name(&self.tokens, self.at) else { return false };
        let (Some(word), found) = (self.get(name - 1), self.get(name)) else { return false };
        let name = found.map_or_else(|| "name".to_owned(), ToString::to_string);
        let help = format!(
            "write the `async fn {name}` outside of the block, and `#[child] {name} = {name},` here"
        );
        let rule = "a block is a list of settings and children";
        diag.error(
            word,
            message("a function cannot stand in the block of a supervisor").help(help).note(rule),
        );
        while let Some(token) = self.peek() {
            let ends = is_block(token) || is_punct(token, ';');
            self.at += 1;
            if ends {
                break;
            }
        }
        if matches!(self.peek(), Some(TokenTree::Punct(_)))
            && self.peek().is_some_and(|next| is_punct(next, ',') || is_punct(next, ';'))
        {
            self.at += 1;
        }
        true
    }
}
