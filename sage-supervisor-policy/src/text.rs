//! Text that can be composed at compile time.

use std::fmt;

use crate::time::unit_of;

// This is room for about a hundred lines of a drawing.
const SIZE: usize = 4_096;
const TAIL: &str = "\n  .. and more, which is left out";

/// A buffer for the lines of a message, of fixed size because a constant cannot allocate. Lines that
/// do not fit are left out.
pub struct Text {
    bytes: [u8; SIZE],
    length: usize,
    is_full: bool,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Text").field(&self.as_str()).finish()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}

impl Text {
    /// Creates an empty text.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; SIZE], length: 0, is_full: false }
    }

    /// The text so far.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            // This cannot happen: every text that is added ends between two characters, and a line
            // is cut at its line break. `Result::unwrap` is no `const fn`.
            Err(_) => "",
        }
    }

    /// Adds to the last line. If that does not fit, the line is left out, and all lines after it.
    pub const fn push(&mut self, text: &str) {
        self.push_utf8(text.as_bytes());
    }

    /// Adds a part of another text.
    pub(crate) const fn push_utf8(&mut self, text: &[u8]) {
        if self.is_full {
            return;
        }
        // The room for `TAIL` is never given away before the buffer is full, so the subtraction
        // cannot overflow, and the tail always fits.
        if text.len() > SIZE - TAIL.len() - self.length {
            self.is_full = true;
            // A text that does not fit has at least one byte. If it begins with a line break, the
            // line before it is complete and stays.
            if text[0] != b'\n' {
                self.cut_last_line();
            }
            self.copy(TAIL.as_bytes());
        } else {
            self.copy(text);
        }
    }

    const fn copy(&mut self, text: &[u8]) {
        let mut next = 0;
        while next < text.len() {
            self.bytes[self.length] = text[next];
            self.length += 1;
            next += 1;
        }
    }

    const fn cut_last_line(&mut self) {
        let mut length = self.length;
        while length > 0 {
            length -= 1;
            if self.bytes[length] == b'\n' {
                self.length = length;
                return;
            }
        }
    }

    pub(crate) const fn push_spaces(&mut self, count: usize) {
        let mut next = 0;
        while next < count {
            self.push(" ");
            next += 1;
        }
    }

    pub(crate) const fn push_number(&mut self, number: u64) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.push_utf8(&[b'0' + (number % 10) as u8]);
    }

    /// Adds a time in the largest unit that needs no fraction.
    pub const fn push_time(&mut self, milliseconds: u64) {
        let (unit, factor) = unit_of(milliseconds);
        self.push_number(milliseconds / factor);
        self.push(unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_does_not_fit_is_left_out_with_all_after_it() {
        for width in 1..200 {
            let mut text = Text::new();
            let line = format!("\n{}", "é".repeat(width));
            for _ in 0..SIZE {
                text.push(&line);
                text.push("!");
            }
            let lines = (SIZE - TAIL.len()) / (line.len() + 1);
            assert_eq!(text.as_str(), format!("{}{TAIL}", format!("{line}!").repeat(lines)));
        }
    }
}
