//! Doc comments.

use proc_macro2::TokenTree;
use syn::Lit;

use crate::language::tokens::is_punct;

/// The text of `#[doc = ".."]`, of which these are the arguments.
pub(crate) fn line(arguments: &[TokenTree]) -> Option<String> {
    match arguments {
        [assign, TokenTree::Literal(text)] if is_punct(assign, '=') => {
            match Lit::new(text.clone()) {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The first paragraph, in one line.
pub(crate) fn summary(docs: &[String]) -> String {
    let lines = docs.iter().flat_map(|text| text.split('\n')).map(str::trim);
    let paragraph = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn the_summary_is_the_first_paragraph() {
        let docs = ["", " The pool, and", " its cache. ", "", " More."].map(str::to_owned);
        assert_eq!(summary(&docs), "The pool, and its cache.");
        assert_eq!(summary(&["\n The pool.\n\n More.\n ".to_owned()]), "The pool.");
        assert_eq!(summary(&[]), "");
    }
}
