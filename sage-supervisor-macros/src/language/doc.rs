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

/// As much of it as fits into a line of a drawing, in whole words. The runtime crate does the same.
pub(crate) fn shortened(summary: &str) -> String {
    const WIDTH: usize = 72;
    if summary.chars().count() <= WIDTH {
        return summary.to_owned();
    }
    let text = summary.chars().take(WIDTH - 2).collect::<String>();
    match text.rsplit_once(' ') {
        Some((words, _)) => format!("{} ..", words.trim_end()),
        None => format!("{text}.."),
    }
}

#[cfg(test)]
mod tests {
    use super::{shortened, summary};

    #[test]
    fn what_does_not_fit_into_a_line_is_cut_between_words() {
        for (text, expected) in [
            ("é".repeat(72), "é".repeat(72)),
            ("é".repeat(73), "é".repeat(70) + ".."),
            (format!("{} {}", "é".repeat(69), "abc"), format!("{} ..", "é".repeat(69))),
            (format!("{} {}", "é".repeat(70), "abc"), "é".repeat(70) + ".."),
            ("ab ".repeat(30), "ab ".repeat(23) + ".."),
        ] {
            let cut = shortened(&text);
            assert_eq!(cut, expected);
            assert!(cut.chars().count() <= 72, "{cut}");
        }
    }

    #[test]
    fn the_summary_is_the_first_paragraph() {
        let docs = ["", " The pool, and", " its cache. ", "", " More."].map(str::to_owned);
        assert_eq!(summary(&docs), "The pool, and its cache.");
        assert_eq!(summary(&["\n The pool.\n\n More.\n ".to_owned()]), "The pool.");
        assert_eq!(summary(&[]), "");
    }
}
