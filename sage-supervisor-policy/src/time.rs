//! Times as they are written: a whole number and a unit.

use std::time::Duration;

/// The units of a written time in milliseconds, the largest first.
pub const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// The time in the largest unit that needs no fraction, so that a printed time can be pasted.
#[must_use]
pub fn display(milliseconds: u64) -> String {
    let (unit, factor) = unit_of(milliseconds);
    format!("{}{unit}", milliseconds / factor)
}

/// The duration in milliseconds, rounded up: a timer has a resolution of a millisecond, and is never
/// early.
#[must_use]
pub const fn milliseconds(time: Duration) -> u64 {
    let milliseconds = time.as_nanos().div_ceil(1_000_000);
    // `u64::try_from` is a method of a trait, which a `const fn` cannot call.
    if milliseconds > u64::MAX as u128 { u64::MAX } else { milliseconds as u64 }
}

pub(crate) const fn unit_of(milliseconds: u64) -> (&'static str, u64) {
    let mut next = 0;
    while next < UNITS.len() {
        let (unit, factor) = UNITS[next];
        if milliseconds >= factor && milliseconds % factor == 0 {
            return (unit, factor);
        }
        next += 1;
    }
    // Every other number is a multiple of a millisecond, so only zero gets here.
    ("s", 1_000)
}

/// The number of columns that a time takes.
pub(crate) const fn width_of(milliseconds: u64) -> usize {
    let (unit, factor) = unit_of(milliseconds);
    let mut width = 1 + unit.len();
    let mut number = milliseconds / factor;
    while number >= 10 {
        number /= 10;
        width += 1;
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;

    #[test]
    fn a_time_has_the_largest_unit_that_needs_no_fraction() {
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
            assert_eq!(display(milliseconds), text);
            let mut constant = Text::new();
            constant.push_time(milliseconds);
            assert_eq!(constant.as_str(), text);
            assert_eq!(width_of(milliseconds), text.len());
        }
    }

    #[test]
    fn a_part_of_a_millisecond_counts_as_a_whole_one() {
        assert_eq!(milliseconds(Duration::from_micros(1_001)), 2);
        assert_eq!(milliseconds(Duration::MAX), u64::MAX);
    }
}
