//! The text of doc comments.

use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Lit;

use crate::language::tokens::{flatten, is_punct};

/// Returns the text of a `#[doc = ".."]` with these arguments.
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

/// Returns the first paragraph, in one line.
pub(crate) fn summary(docs: &[String]) -> String {
    let docs = docs.iter().map(|text| tidy(text)).collect::<Vec<_>>();
    let lines = docs.iter().flat_map(|text| text.split('\n')).map(str::trim);
    let paragraph = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(" ")
}

/// Returns the attribute with the text of a block comment cleaned up. `rustdoc` does this by
/// itself, but not in the output of a macro. The text is indented like a line of `///`, so that the
/// generated lines behind it have the same indentation.
pub(crate) fn tidied(attribute: &TokenStream) -> TokenStream {
    let tokens = attribute.clone().into_iter().collect::<Vec<_>>();
    let [pound, TokenTree::Group(group)] = tokens.as_slice() else { return attribute.clone() };
    let inside = flatten(group.stream());
    let text = inside.get(1..).and_then(line).filter(|text| text.contains('\n'));
    let (Some(text), [doc, assign, literal]) = (text, inside.as_slice()) else {
        return attribute.clone();
    };
    let mut text = Literal::string(&tidy(&text));
    text.set_span(literal.span());
    let mut tidied = Group::new(
        group.delimiter(),
        [doc.clone(), assign.clone(), text.into()].into_iter().collect(),
    );
    tidied.set_span(group.span());
    quote_spanned!(group.span()=> #pound #tidied)
}

/// Removes the stars and all but one column of the indentation from a text of several lines.
fn tidy(text: &str) -> String {
    let Some((first, rest)) = text.split_once('\n') else { return text.to_owned() };
    let lines = rest.split('\n').map(str::trim_end).collect::<Vec<_>>();
    let written = || lines.iter().copied().filter(|line| !line.is_empty());
    let trimmed = |line: &str| line.trim_start_matches([' ', '\t']).to_owned();
    let column = |line: &str| line.len() - trimmed(line).len();
    // The first line stands behind the `/**` and has no star. If the others have stars, these stand
    // at the column of the first line that is not empty.
    let stars = written().next().map_or(0, column);
    // Stars at the very beginning of the lines are list items.
    let is_star = |line: &str| column(line) == stars && trimmed(line).starts_with('*');
    let lines = match stars > 0 && written().all(is_star) {
        true => lines.iter().map(|line| line.get(stars + 1..).unwrap_or_default()).collect(),
        false => lines,
    };
    let is_blank = |line: &&str| line.trim().is_empty();
    // An indentation that all lines share belongs to the code around the comment, and not to the
    // text.
    let indent = lines.iter().copied().filter(|line| !is_blank(line)).map(column).min();
    let line = |line: &&str| match line.get(indent.unwrap_or(0)..) {
        Some(text) if !text.trim().is_empty() => format!(" {text}"),
        _ => String::new(),
    };
    let first = format!(" {}", first.trim()).trim_end().to_owned();
    [first].into_iter().chain(lines.iter().map(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::{summary, tidied, tidy};

    #[test]
    fn lines_of_a_block_comment_lose_their_stars_and_their_indentation() {
        for (text, expected) in [
            (" One line. ", " One line. "),
            ("\n     * All of it.\n     ", "\n All of it.\n"),
            ("\n     * All of it.\n     *\n     *     code\n     ", "\n All of it.\n\n     code\n"),
            (" All of it.\n     * More.\n     ", " All of it.\n More.\n"),
            ("\n     All of it.\n\n         code\n    ", "\n All of it.\n\n     code\n"),
            ("\n     * One.\n     * Two\n       of it.\n", "\n * One.\n * Two\n   of it.\n"),
            ("* One.\n* Two.", " * One.\n * Two."),
            ("\n\u{a0}* odd\n é", "\n \u{a0}* odd\n  é"),
            ("\n", "\n"),
        ] {
            assert_eq!(tidy(text), expected, "{text:?}");
        }
        let tokens = |text: &str| text.parse::<TokenStream>().expect("these are tokens");
        let attribute = tidied(&tokens(r#"#[doc = "\n     * All.\n     "]"#));
        assert_eq!(attribute.to_string(), tokens(r#"#[doc = "\n All.\n"]"#).to_string());
        for other in
            ["#[doc(hidden)]", "#[doc = \" One.\"]", "#[doc = include_str!(\"a\")]", "#[a]"]
        {
            assert_eq!(tidied(&tokens(other)).to_string(), tokens(other).to_string());
        }
    }

    #[test]
    fn the_summary_is_the_first_paragraph() {
        let docs = ["", " The pool, and", " its cache. ", "", " More."].map(str::to_owned);
        assert_eq!(summary(&docs), "The pool, and its cache.");
        assert_eq!(summary(&["\n The pool.\n\n More.\n ".to_owned()]), "The pool.");
        assert_eq!(
            summary(&["\n     * The pool.\n     *\n     * More.\n     ".to_owned()]),
            "The pool."
        );
        assert_eq!(summary(&[]), "");
    }
}
