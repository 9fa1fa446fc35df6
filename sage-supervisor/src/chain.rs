//! Texts of errors, and of the chains of their sources.
//!
//! Most errors here come from users, so each of these texts is bounded, and shows each cause once:
//!
//! 1. The text of one error has at most [`MAX_TEXT`] bytes, and its `Display` is called once.
//! 2. At most [`MAX_SOURCES`] sources are visited, and none of them a second time.
//! 3. A chain in one line has about [`MAX_CHAIN`] bytes. If it were longer, causes in the middle are
//!    left out, because the last cause is the one that a reader looks for.
//! 4. A chain in one line has no line break, and no other character that cannot be seen.
//! 5. A panic of a `Display` or of a `source` does not leave this file.

use std::error::Error;
use std::fmt::{self, Write as _};

use crate::bounded::{BoundedText, Length, MAX_TEXT};
use crate::contain::contain;
use crate::visible::one_line;

/// The length in bytes from which on a chain leaves out causes. 256 nested supervisors take less,
/// unless their names are long.
const MAX_CHAIN: usize = 256 * 1024;
/// The number of sources that are visited. It exceeds the deepest nesting of supervisors.
const MAX_SOURCES: usize = 512;

/// Returns the text of a user's value. `kind` is the trait that writes it, for a value that panics.
pub(crate) fn text_of(value: fmt::Arguments<'_>, kind: &str) -> String {
    let mut text = BoundedText::new(MAX_TEXT);
    match contain(|| text.write_fmt(value)) {
        Ok(Ok(())) => text.into_text(),
        _ if text.is_full() => text.into_text(),
        Ok(Err(_)) => format!("an error whose `{kind}` fails"),
        Err(_) => format!("an error whose `{kind}` panics"),
    }
}

/// Returns the own text of an error, without its sources.
pub(crate) fn own_text(error: &dyn Error) -> String {
    text_of(format_args!("{error}"), "Display")
}

/// Returns the sources of an error, the nearest first.
pub(crate) fn sources<'a>(error: &'a (dyn Error + 'static)) -> Sources<'a> {
    Sources { last: error, visited: 0, mark: error, next_mark: 1, end: End::Complete }
}

/// An iterator over the sources of an error.
///
/// A chain that leads back into itself is noticed by Brent's algorithm: each source is compared with one
/// before it, the mark, which moves on after 1, 2, 4 and so on sources.
pub(crate) struct Sources<'a> {
    last: &'a (dyn Error + 'static),
    visited: usize,
    mark: &'a (dyn Error + 'static),
    next_mark: usize,
    end: End,
}

/// The reason for which an iterator over sources has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Complete,
    Circle,
    TooMany,
}

impl<'a> Iterator for Sources<'a> {
    type Item = &'a (dyn Error + 'static);

    fn next(&mut self) -> Option<Self::Item> {
        if self.end != End::Complete {
            return None;
        }
        let last = self.last;
        let source = contain(|| last.source()).ok().flatten()?;
        // Two errors of one type at one place are the same error. The table of functions stands for the
        // type: an error and its first field may share a place.
        if std::ptr::eq(source, self.mark) {
            self.end = End::Circle;
            return None;
        }
        if self.visited == MAX_SOURCES {
            self.end = End::TooMany;
            return None;
        }
        self.visited += 1;
        if self.visited == self.next_mark {
            self.mark = source;
            self.next_mark *= 2;
        }
        self.last = source;
        Some(source)
    }
}

impl Sources<'_> {
    /// The text in place of the sources that are not shown, if there are any.
    fn rest(&self) -> Option<&'static str> {
        match self.end {
            End::Complete => None,
            End::Circle => Some("… (the sources of this error lead back to it)"),
            End::TooMany => Some("… (this error has more sources)"),
        }
    }
}

/// The texts of the sources of an error, each of which is given once: a source whose text is the end of
/// the text before it is left out, because many errors include their source in their own text.
fn source_texts(error: &(dyn Error + 'static), own: String, mut each: impl FnMut(&str)) {
    let mut before = own;
    let mut sources = sources(error);
    for source in &mut sources {
        let text = own_text(source);
        if !before.ends_with(&text) {
            each(&text);
        }
        before = text;
    }
    if let Some(rest) = sources.rest() {
        each(rest);
    }
}

/// Returns about how many bytes an error and its sources hold: their fields, and their texts in place of
/// what these refer to. Returns `None` if there is too much to count.
pub(crate) fn weight(error: &(dyn Error + 'static)) -> Option<usize> {
    const MOST: usize = 1024 * 1024;

    let mut length = Length::new(MOST);
    let mut weight = 0_usize;
    for error in std::iter::once(error).chain(sources(error)) {
        // The texts share one counter, so the work is bounded for all of them together.
        let _ = contain(|| write!(length, "{error}"));
        weight = weight.saturating_add(size_of_val(error));
    }
    Some(weight.saturating_add(length.get()?))
}

/// An error with all its sources, in one line.
pub(crate) struct OneLine<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = own_text(self.0);
        f.write_str(&one_line(&own))?;
        write_sources(f, self.0, own)
    }
}

/// Writes the sources of an error behind its own text if the formatter is asked for `{:#}`.
///
/// The errors of this crate end their `Display` with a call of this function: `{}` is their own text, and
/// `{:#}` the whole chain.
pub(crate) fn write_sources_if_alternate(
    f: &mut fmt::Formatter<'_>,
    error: &(dyn Error + 'static),
) -> fmt::Result {
    if f.alternate() { write_sources(f, error, String::new()) } else { Ok(()) }
}

/// Writes `: ` and the text of each source of an error whose own text has been written.
fn write_sources(
    f: &mut fmt::Formatter<'_>,
    error: &(dyn Error + 'static),
    own: String,
) -> fmt::Result {
    let mut line = String::new();
    // The causes that do not fit: how many of them there are, and the last one.
    let mut left_out = 0_usize;
    let mut last: Option<String> = None;
    source_texts(error, own, |text| {
        if last.is_none() && line.len() + text.len() <= MAX_CHAIN {
            line.push_str(": ");
            line.push_str(&one_line(text));
        } else {
            left_out += usize::from(last.is_some());
            last = Some(one_line(text));
        }
    });
    f.write_str(&line)?;
    let Some(last) = last else { return Ok(()) };
    if left_out > 0 {
        write!(f, ": … ({left_out} causes are left out)")?;
    }
    write!(f, ": {last}")
}

/// Writes an error with its sources in several lines, as `main` prints the error that it returns.
pub(crate) fn write_report(
    f: &mut fmt::Formatter<'_>,
    error: &(dyn Error + 'static),
) -> fmt::Result {
    let own = own_text(error);
    f.write_str(&own)?;
    let mut causes = Vec::new();
    source_texts(error, own, |text| causes.push(text.to_owned()));
    if causes.is_empty() {
        return Ok(());
    }
    f.write_str("\n\nCaused by:")?;
    for (number, cause) in causes.iter().enumerate() {
        let mut lines = cause.lines();
        let first = lines.next().unwrap_or_default();
        match causes.len() {
            1 => write!(f, "\n    {first}")?,
            _ => write!(f, "\n{number:>5}: {first}")?,
        }
        let indent = if causes.len() == 1 { 4 } else { 7 };
        for line in lines {
            write!(f, "\n{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::iter::successors;

    use super::*;

    /// An error with a text and a source, which counts how often it is shown.
    #[derive(Debug)]
    struct Level {
        text: String,
        source: Option<Box<Self>>,
        shown: Cell<u32>,
    }

    impl fmt::Display for Level {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.shown.set(self.shown.get() + 1);
            f.write_str(&self.text)
        }
    }

    impl Error for Level {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.source.as_deref().map(|source| source as _)
        }
    }

    fn chain(texts: impl DoubleEndedIterator<Item = String>) -> Level {
        let levels = texts
            .rev()
            .fold(None, |source, text| Some(Box::new(Level { text, source, shown: Cell::new(0) })));
        *levels.expect("the chain has a level")
    }

    fn line(texts: &[&str]) -> String {
        OneLine(&chain(texts.iter().map(|&text| text.to_owned()))).to_string()
    }

    #[test]
    fn each_cause_stands_in_the_line_once() {
        assert_eq!(line(&["a"]), "a");
        assert_eq!(line(&["a", "b", "c"]), "a: b: c");
        assert_eq!(line(&["a: b: c", "b: c", "c"]), "a: b: c");
        assert_eq!(line(&["a: b", "b", "c"]), "a: b: c");
    }

    #[test]
    fn a_chain_stays_in_its_line() {
        assert_eq!(line(&["a\nb", "c\u{2028}\u{1b}[0m"]), "a\\nb: c\\u{2028}\\u{1b}[0m");
    }

    #[test]
    fn each_error_is_shown_once() {
        let deep = chain((0..257).map(|number| format!("level {number}")));
        let text = OneLine(&deep).to_string();
        assert!(text.starts_with("level 0: level 1: ") && text.ends_with(": level 256"), "{text}");
        let mut levels = successors(Some(&deep), |level| level.source.as_deref());
        assert!(levels.all(|level| level.shown.get() == 1));
    }

    #[test]
    fn a_long_chain_keeps_its_start_and_its_end() {
        let text = OneLine(&chain((0..100).map(|number| format!("{number:9999}")))).to_string();
        assert!(text.len() < MAX_CHAIN + 2 * MAX_TEXT);
        assert!(text.ends_with(" 99"), "{}", &text[text.len() - 99..]);
        assert!(text.contains(": … (72 causes are left out): "));
    }

    #[test]
    fn a_chain_without_end_is_cut_off() {
        #[derive(Debug)]
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("again")
            }
        }
        impl Error for Endless {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                // A new place each time, so that no source is seen twice.
                let new: &'static Of<u8> = Box::leak(Box::new(Of(0)));
                Some(new)
            }
        }
        #[derive(Debug)]
        struct Of<T>(T);
        impl fmt::Display for Of<u8> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "more {}", self.0)
            }
        }
        impl Error for Of<u8> {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                let new: &'static Self = Box::leak(Box::new(Self(self.0.wrapping_add(1))));
                Some(new)
            }
        }
        let text = OneLine(&Endless).to_string();
        assert!(text.starts_with("again: more 0: more 1: more 2"), "{text}");
        assert!(text.ends_with(": … (this error has more sources)"), "{text}");
        assert_eq!(sources(&Endless).count(), MAX_SOURCES);
    }

    #[test]
    fn a_circle_of_sources_is_noticed() {
        #[derive(Debug)]
        struct Bad(u8);
        impl fmt::Display for Bad {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "bad {}", self.0)
            }
        }
        impl Error for Bad {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                static ERRORS: [Bad; 4] = [Bad(0), Bad(1), Bad(2), Bad(3)];
                Some(
                    &ERRORS[match self.0 {
                        9 | 2 => 0,
                        3 => 3,
                        number => usize::from(number) + 1,
                    }],
                )
            }
        }
        let sign = ": … (the sources of this error lead back to it)";
        for first in [3, 9] {
            let text = OneLine(&Bad(first)).to_string();
            assert!(text.ends_with(sign) && text.len() < 150, "{text}");
        }
        assert_eq!(OneLine(&Bad(3)).to_string(), format!("bad 3{sign}"));
    }

    #[test]
    fn a_text_without_end_is_cut_off() {
        /// Repeats a part for ever. The second field says whether it heeds a refusal.
        #[derive(Debug)]
        struct Endless(&'static str, bool);
        impl fmt::Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    match f.write_str(self.0) {
                        Err(error) if self.1 => return Err(error),
                        _ => {}
                    }
                }
            }
        }
        impl Error for Endless {}
        for part in ["", "x", "äöü"] {
            for heeds in [true, false] {
                let text = own_text(&Endless(part, heeds));
                assert!(text.ends_with("… (cut off here)"), "{}", text.len());
                assert!(text.len() < MAX_TEXT + 32, "{}", text.len());
            }
        }
    }

    #[test]
    fn a_report_has_a_line_for_each_cause() {
        struct Shown(Level);
        impl fmt::Display for Shown {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_report(f, &self.0)
            }
        }
        let shown = |texts: &[&str]| Shown(chain(texts.iter().map(|&t| t.to_owned()))).to_string();
        assert_eq!(shown(&["a"]), "a");
        assert_eq!(shown(&["a", "b\nc"]), "a\n\nCaused by:\n    b\n    c");
        assert_eq!(shown(&["a", "b", "c\nd"]), "a\n\nCaused by:\n    0: b\n    1: c\n       d");
    }
}
