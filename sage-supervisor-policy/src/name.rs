//! The characters that cannot be seen, which have no place in a name.
//!
//! A name stands in paths, logs, reports and drawings. A character that turns the direction of the text,
//! breaks its line or takes no room makes a reader see another name than there is. Such names are
//! refused and not escaped, because a user prints a path by other means than those of this crate too.

/// Returns `true` if a character cannot be seen wherever it stands: it sets the direction of the text,
/// separates lines or paragraphs, or takes no room.
#[must_use]
pub const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' // soft hyphen
        | '\u{61c}' | '\u{200e}' | '\u{200f}' // marks of a direction
        | '\u{200b}' | '\u{feff}' // spaces without width
        | '\u{2028}' | '\u{2029}' // separators of lines and paragraphs
        | '\u{202a}'..='\u{202e}' // embeddings and overrides of a direction
        | '\u{2060}'..='\u{206f}' // joiners, invisible operators, isolates of a direction
        | '\u{34f}' | '\u{180b}'..='\u{180f}' // other joiners and separators
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' // fillers
        | '\u{fff0}'..='\u{fffb}' // annotations, and places that are kept free for such
        | '\u{e0000}'..='\u{e0fff}' // tags, and further selectors of a variant
    )
}

/// Returns the first character of a name that cannot be seen.
///
/// The two joiners U+200C and U+200D are part of the spelling in Persian and in many Indic scripts, and
/// of emoji. They are allowed between two characters beyond ASCII, and hidden elsewhere. The selectors
/// U+FE00 to U+FE0F, which choose the form of the character before them, are part of emoji too and are
/// allowed.
///
/// # Examples
///
/// ```
/// use sage_supervisor_policy::name::first_hidden;
///
/// assert_eq!(first_hidden("pump\u{202e}"), Some('\u{202e}'));
/// assert_eq!(first_hidden("pu\u{200d}mp"), Some('\u{200d}'));
/// assert_eq!(first_hidden("می\u{200c}خواهم"), None);
/// ```
#[must_use]
pub fn first_hidden(name: &str) -> Option<char> {
    let joins = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_joiner(c));
    let mut before = None;
    let mut rest = name.chars();
    while let Some(c) = rest.next() {
        let is_spelling = is_joiner(c) && joins(before) && joins(rest.clone().next());
        if is_hidden(c) || (is_joiner(c) && !is_spelling) {
            return Some(c);
        }
        before = Some(c);
    }
    None
}

const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_any_script_is_allowed() {
        let names = [
            "pump",
            "Пошта",
            "邮件",
            "पंप",
            "क्\u{200d}ष",
            "می\u{200c}خواهم",
            "מייל",
            "👩\u{200d}🔧",
            "café",
            "cafe\u{301}",
        ];
        for name in names {
            assert_eq!(first_hidden(name), None, "{name}");
        }
    }

    #[test]
    fn a_character_that_cannot_be_seen_is_found() {
        let hidden = [
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{34f}',
            '\u{3164}',
            '\u{e0041}',
            '\u{e0100}',
        ];
        for c in hidden {
            for name in [format!("a{c}b"), format!("{c}"), format!("я{c}")] {
                assert_eq!(first_hidden(&name), Some(c), "{name:?}");
            }
        }
        assert_eq!(first_hidden("я\u{200d}\u{200d}я"), Some('\u{200d}'));
    }
}
