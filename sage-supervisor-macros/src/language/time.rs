//! The reader of times with a unit: `"500ms"`, `"5s"`, `"2m"`, `"1h"`.

use sage_supervisor_policy::time::UNITS;

use crate::language::diag::{Message, message};

pub(crate) use sage_supervisor_policy::time::display;

const RULE: &str = "a time is a whole number and a unit: `ms`, `s`, `m` or `h`";

/// The time in milliseconds.
pub(crate) fn parse(text: &str) -> Result<u64, Message> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let together = text.replace(char::is_whitespace, "");
    if together != text && parse(&together).is_ok() {
        return Err(message(format!("there is a space in the time `\"{text}\"`"))
            .help(format!("write `\"{together}\"`")));
    }
    if number.is_empty() {
        if let Some(milliseconds) = exact(text).filter(|_| !text.is_empty()) {
            return Err(message(format!("`\"{text}\"` is not a whole number and a unit"))
                .help(format!("write `\"{}\"`", display(milliseconds)))
                .note(RULE));
        }
        let text = message(format!("`\"{text}\"` is not a time")).help("write it as `\"5s\"`");
        return Err(text.note(RULE));
    }
    let Ok(number) = number.parse::<u64>() else { return Err(too_long(text)) };
    if unit.is_empty() {
        let help = format!("did you mean `\"{text}s\"` (seconds) or `\"{text}ms\"`?");
        return Err(message(format!("`\"{text}\"` has no unit")).help(help));
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(unknown_unit(text, number, unit));
    };
    number.checked_mul(*factor).ok_or_else(|| too_long(text))
}

fn too_long(text: &str) -> Message {
    message(format!("`\"{text}\"` is too long"))
        .note(format!("the longest time is `\"{}ms\"`", u64::MAX))
}

fn unknown_unit(text: &str, number: u64, unit: &str) -> Message {
    // A known unit under another name has an answer of its own, below.
    if let Some(milliseconds) = exact(text).filter(|_| known_unit(unit.trim()).is_none()) {
        let help = format!("write `\"{}\"`", display(milliseconds));
        return message(format!("`\"{text}\"` is not a whole number and a unit"))
            .help(help)
            .note(RULE);
    }
    let unit = unit.trim();
    if !unit.chars().all(char::is_alphabetic) {
        return message(format!("`\"{text}\"` is not a whole number and a unit")).note(RULE);
    }
    let text = message(format!("unknown unit `{unit}`"));
    match known_unit(unit) {
        Some(known) => text.help(format!("did you mean `\"{number}{known}\"`?")).note(RULE),
        None if is_day(unit) => {
            text.help(format!("write `\"{}h\"`", number.saturating_mul(24))).note(RULE)
        }
        None if unit.len() > 1 && unit.ends_with('s') => {
            text.note(RULE).note("a millisecond is the shortest time")
        }
        None => text.note(RULE),
    }
}

fn is_day(unit: &str) -> bool {
    ["d", "day", "days"].contains(&unit.to_lowercase().as_str())
}

/// A time that is written in another way, as `1.5s`, `1m30s` or `1_000ms`.
pub(crate) fn exact(text: &str) -> Option<u64> {
    let plain = text.trim().replace('_', "").replace(',', ".");
    let plain = plain.trim_start_matches('+');
    fraction(plain).or_else(|| sum(plain))
}

fn known_unit(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().trim_end_matches('s') {
        "" | "ec" | "sec" | "second" => Some("s"),
        "m" if word.len() > 1 => Some("ms"),
        "milli" | "msec" | "millisecond" => Some("ms"),
        "m" | "min" | "minute" => Some("m"),
        "h" | "hr" | "hour" => Some("h"),
        _ => None,
    }
}

/// The milliseconds of a fraction: `1.5s`.
fn fraction(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let factor = factor(unit)?;
    let (whole, part) = text.strip_suffix(unit)?.split_once('.')?;
    let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let zero = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<u64>().ok() };
    let part = zero(part)?.checked_mul(factor)? / scale;
    zero(whole)?.checked_mul(factor)?.checked_add(part)
}

/// The milliseconds of a unit under any of its names.
fn factor(unit: &str) -> Option<u64> {
    let known = known_unit(unit.trim()).filter(|_| !unit.is_empty())?;
    UNITS.iter().find(|(name, _)| *name == known).map(|(_, factor)| *factor)
}

fn part(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.strip_suffix(unit)?.trim().parse::<u64>().ok()?.checked_mul(factor(unit)?)
}

/// The milliseconds of a sum: `1m30s`.
fn sum(mut text: &str) -> Option<u64> {
    let mut total = 0_u64;
    while !text.is_empty() {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let next = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let length = text.len() - rest.len() + next;
        total = total.checked_add(part(text[..length].trim())?)?;
        text = &text[length..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::{display, parse};

    fn error(text: &str) -> String {
        let mut diag = crate::language::diag::Diag::default();
        if let Err(message) = parse(text) {
            diag.error(proc_macro2::Span::call_site(), message);
        }
        diag.into_texts().concat()
    }

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, expected) in
            [("500ms", 500), ("5s", 5_000), ("2m", 120_000), ("1h", 3_600_000), ("0s", 0)]
        {
            assert_eq!(parse(text).ok(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_printed_can_be_read_back() {
        for milliseconds in [0, 1, 999, 1_000, 1_500, 60_000, 90_000, 3_600_000, u64::MAX] {
            assert_eq!(parse(&display(milliseconds)).ok(), Some(milliseconds));
        }
    }

    #[test]
    fn a_wrong_time_is_answered_with_the_right_one() {
        assert!(error("5").contains("help: did you mean `\"5s\"` (seconds) or `\"5ms\"`?"));
        for (wrong, right) in [
            ("5sec", "5s"),
            ("5 s", "5s"),
            ("5S", "5s"),
            ("3min", "3m"),
            ("1 hour", "1h"),
            ("7msec", "7ms"),
            ("7millis", "7ms"),
            ("1.5s", "1500ms"),
            ("0.25h", "15m"),
            ("1m30s", "90s"),
            ("1h 30m", "90m"),
            ("12min 50s", "770s"),
            ("1h 30min", "90m"),
            ("1.5min", "90s"),
            ("5 min", "5m"),
            (" 5ms ", "5ms"),
        ] {
            assert!(error(wrong).contains(&format!("`\"{right}\"`")), "{wrong}: {}", error(wrong));
        }
    }

    #[test]
    fn nonsense_and_overflow_are_refused() {
        for text in [
            "",
            "s",
            "soon",
            "-5s",
            "5x",
            "5s5",
            "1..5s",
            "99999999999999999999s",
            "18446744073709551615s",
        ] {
            assert!(parse(text).is_err(), "{text}");
            assert!(!error(text).is_empty());
        }
    }
}
