//! Texts that are cut off at a length.

use std::fmt::{self, Write as _};

/// The longest text of one error or panic, in bytes. The rest of a longer text is cut off.
pub(crate) const MAX_TEXT: usize = 16 * 1024;
/// The end of a text that was cut off.
const CUT: &str = "… (cut off here)";

/// A buffer that refuses what does not fit.
pub(crate) struct BoundedText {
    text: String,
    room: usize,
    is_full: bool,
    refused: u32,
}

impl BoundedText {
    pub(crate) fn new(max: usize) -> Self {
        Self { text: String::new(), room: max, is_full: false, refused: 0 }
    }

    /// Returns `true` if the text was cut off.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Returns the text, with a sign at its end if it was cut off.
    pub(crate) fn into_text(mut self) -> String {
        if self.is_full {
            self.text.push_str(CUT);
        }
        self.text
    }
}

impl fmt::Write for BoundedText {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if self.is_full {
            self.refused = self.refused.saturating_add(1);
            insist(self.refused);
            return Err(fmt::Error);
        }
        // A text that goes on for ever may consist of empty parts, so these take room as well.
        if let Some(room) = self.room.checked_sub(part.len().max(1)) {
            self.text.push_str(part);
            self.room = room;
            return Ok(());
        }
        self.text.push_str(start_of(part, self.room));
        self.is_full = true;
        Err(fmt::Error)
    }
}

/// A writer that counts bytes and keeps none of them, up to about `most` bytes.
pub(crate) struct Length {
    bytes: usize,
    most: usize,
    refused: u32,
}

impl Length {
    pub(crate) fn new(most: usize) -> Self {
        Self { bytes: 0, most, refused: 0 }
    }

    /// Returns the length, or `None` if it is not known because there was too much to count.
    pub(crate) fn get(&self) -> Option<usize> {
        (self.refused == 0).then_some(self.bytes)
    }
}

impl fmt::Write for Length {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if self.bytes >= self.most {
            self.refused = self.refused.saturating_add(1);
            insist(self.refused);
            return Err(fmt::Error);
        }
        // A single part is counted at once, however long it is.
        self.bytes = self.bytes.saturating_add(part.len().max(1));
        Ok(())
    }
}

/// Ends code that goes on to write after a thousand refusals. Nothing but a panic can end it. The caller
/// contains the panic, and the hook for panics is not called.
fn insist(refused: u32) {
    if refused > 1_000 && cfg!(panic = "unwind") && !std::thread::panicking() {
        std::panic::resume_unwind(Box::new("the text is full"));
    }
}

/// Returns the longest start of a text that has at most `max` bytes.
fn start_of(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Returns the text, cut off after [`MAX_TEXT`] bytes.
pub(crate) fn cut(text: &str) -> String {
    let mut bounded = BoundedText::new(MAX_TEXT);
    // An error says that the text was cut off, which `into_text` shows.
    let _ = bounded.write_str(text);
    bounded.into_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_off_between_two_characters() {
        assert_eq!(cut("short"), "short");
        let fits = "x".repeat(MAX_TEXT);
        assert_eq!(cut(&fits), fits);
        let long = format!("x{}", "ä".repeat(MAX_TEXT));
        assert_eq!(cut(&long).len(), MAX_TEXT - 1 + CUT.len());
    }

    #[test]
    fn empty_parts_take_room_too() {
        let mut text = BoundedText::new(3);
        let writes = std::iter::from_fn(|| text.write_str("").ok()).count();
        assert_eq!(writes, 3);
        assert_eq!(text.into_text(), CUT);
    }
}
