//! Children without a name: `#[child] async |ctx| ..`.

use proc_macro2::{Ident, TokenTree};

use super::attribute::Attribute;
use super::entry::Form;
use super::splitter::Splitter;
use crate::language::diag::{Diag, message};
use crate::language::text::text;
use crate::language::tokens::{is_block, is_list, is_path, is_punct, is_word};
use crate::language::words;

impl Splitter {
    /// Reports a value that stands in place of a child, and returns it under an invented name.
    pub(super) fn value_without_a_name(
        &mut self,
        attributes: &[Attribute],
        diag: &mut Diag,
    ) -> Option<(Ident, Form)> {
        let marks = |attribute: &Attribute| words::is_mark(&attribute.path());
        if !self.list.is_block() || !attributes.iter().any(marks) {
            return None;
        }
        let rest = &self.tokens[self.at..];
        let value = shape(rest)?;
        let span = rest.first()?.span();
        let help = format!("write `{} = {}`", value.name, value.text);
        diag.error(span, message("this child has no name").help(help));
        // The position makes the name unique. Two children without a name would otherwise be
        // reported as two children with one name.
        let name = Ident::new(&format!("unnamed_{}", self.at), span);
        Some((name, Form::Assign(self.value(diag))))
    }
}

struct Value {
    /// A name for the child.
    name: String,
    text: String,
}

/// Returns the name and the text for the help about a closure, a macro or a call.
fn shape(tokens: &[TokenTree]) -> Option<Value> {
    let value = |name: String, text: &str| Some(Value { name, text: text.to_owned() });
    let starts =
        tokens.iter().take_while(|token| ["async", "move"].iter().any(|word| is_word(token, word)));
    let behind = starts.count();
    match tokens.get(behind) {
        Some(bar) if is_punct(bar, '|') => {
            let words = tokens[..behind].iter().map(|word| format!("{word} ")).collect::<String>();
            return value("name".to_owned(), &format!("{words}|ctx| .."));
        }
        Some(block) if behind > 0 && is_block(block) => {
            return value("name".to_owned(), "async move |ctx| ..");
        }
        _ => {}
    }
    let length = tokens.iter().take_while(|token| is_path(token)).count();
    let (path, rest) = tokens.split_at(length);
    let names = path.iter().filter(|token| matches!(token, TokenTree::Ident(_)));
    let names = names.map(ToString::to_string).collect::<Vec<_>>();
    let written = text(path);
    match (names.as_slice(), rest) {
        ([_], [bang, ..]) if is_punct(bang, '!') => {
            value("name".to_owned(), &format!("{written}! {{ .. }}"))
        }
        ([.., last], [list, ..]) if is_list(list) => {
            let is_type = names.iter().any(|name| name.starts_with(char::is_uppercase));
            let name = if is_type { "name" } else { last };
            let empty = matches!(list, TokenTree::Group(group) if group.stream().is_empty());
            let call = if empty { "()" } else { "(..)" };
            value(name.to_owned(), &format!("{written}{call}"))
        }
        _ => None,
    }
}
