//! Texts of others, as they stand in a line of ours.

use std::fmt::Write as _;

use crate::policy::name::is_hidden;

/// Escapes the characters of a text that cannot be seen, because it comes from elsewhere: it stays on one
/// line, forges no other line of a log, and does not turn the text around it.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_hidden(c) {
            // Writing to a string never fails.
            let _ = write!(line, "{}", c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_once() {
        let line = one_line("a\nb\t\u{7}é\u{2028}\u{202e}");
        assert_eq!(line, "a\\nb\\t\\u{7}é\\u{2028}\\u{202e}");
        assert_eq!(one_line(&line), line);
    }
}
