//! Text that is made at compile time.

const SIZE: usize = 4_096;
const TAIL: &str = "\n  .. and more, which is left out";

/// Units as the macros read them, the largest first.
const UNITS: [(u64, &str); 4] = [(3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];

/// Lines of text, as many as fit.
pub(super) struct Text {
    bytes: [u8; SIZE],
    length: usize,
    is_full: bool,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; SIZE], length: 0, is_full: false }
    }

    pub(super) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Adds to the last line. If that does not fit, the line is left out, and all after it.
    pub(super) const fn push(&mut self, text: &str) {
        self.push_utf8(text.as_bytes());
    }

    /// Adds text that is part of another.
    pub(super) const fn push_utf8(&mut self, text: &[u8]) {
        if self.is_full {
            return;
        }
        if text.len() > SIZE - TAIL.len() - self.length {
            self.is_full = true;
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

    pub(super) const fn push_spaces(&mut self, count: usize) {
        let mut next = 0;
        while next < count {
            self.push(" ");
            next += 1;
        }
    }

    const fn push_number(&mut self, number: u64) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.push_utf8(&[b'0' + (number % 10) as u8]);
    }

    /// A time in the largest unit that needs no fraction.
    pub(super) const fn push_time(&mut self, milliseconds: u64) {
        let (factor, unit) = unit_of(milliseconds);
        self.push_number(milliseconds / factor);
        self.push(unit);
    }
}

const fn unit_of(milliseconds: u64) -> (u64, &'static str) {
    let mut next = 0;
    while next < UNITS.len() {
        let (factor, unit) = UNITS[next];
        if milliseconds >= factor && milliseconds % factor == 0 {
            return (factor, unit);
        }
        next += 1;
    }
    (1_000, "s")
}

/// How many columns a time takes.
pub(super) const fn width_of_time(milliseconds: u64) -> usize {
    let (factor, unit) = unit_of(milliseconds);
    let mut width = 1 + unit.len();
    let mut number = milliseconds / factor;
    while number >= 10 {
        number /= 10;
        width += 1;
    }
    width
}

/// How many columns a text takes, if each character takes one.
pub(super) const fn width_of(text: &str) -> usize {
    let mut width = 0;
    let mut next = 0;
    while next < text.len() {
        // Only the first byte of a character looks like this.
        if text.as_bytes()[next] & 0xc0 != 0x80 {
            width += 1;
        }
        next += 1;
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(milliseconds: u64) -> String {
        let mut text = Text::new();
        text.push_time(milliseconds);
        assert_eq!(text.as_str().len(), width_of_time(milliseconds));
        text.as_str().to_owned()
    }

    #[test]
    fn a_time_is_written_as_the_macros_read_it() {
        let cases = [
            (0, "0s"),
            (1, "1ms"),
            (1_500, "1500ms"),
            (10_000, "10s"),
            (60_000, "1m"),
            (90_000, "90s"),
            (7_200_000, "2h"),
            (u64::MAX, "18446744073709551615ms"),
        ];
        for (milliseconds, text) in cases {
            assert_eq!(time(milliseconds), text);
        }
    }

    #[test]
    fn a_character_is_one_column() {
        for text in ["", "pool", "größe", "日本"] {
            assert_eq!(width_of(text), text.chars().count(), "{text}");
        }
    }

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
