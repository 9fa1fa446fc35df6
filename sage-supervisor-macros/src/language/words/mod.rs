//! Closed vocabularies, and the words of other systems.

pub(crate) mod foreign;
mod known;
mod vocabulary;

use proc_macro2::Span;

pub(crate) use self::known::{
    AUTO_SHUTDOWN, ORDER, RESTART, SHUTDOWN, STRATEGY, TEMPORARY_SIBLINGS,
};
pub(crate) use self::vocabulary::Vocabulary;

use crate::language::closest::{closest, normalise};
use crate::language::diag::{Diag, Message, message};
use crate::language::time;

/// Returns the value of the word, or reports it.
pub(crate) fn read<T: Copy>(
    vocabulary: &Vocabulary<T>,
    word: &str,
    at: Span,
    diag: &mut Diag,
) -> Option<T> {
    let found = vocabulary.find(word);
    if found.is_none() {
        diag.error(at, unknown(vocabulary, word));
    }
    found
}

/// Returns the message about an unknown word.
pub(crate) fn unknown<T: Copy>(vocabulary: &Vocabulary<T>, word: &str) -> Message {
    let noun = vocabulary.noun;
    let known = normalise(word);
    let text = message(format!("unknown {noun} `\"{word}\"`"));
    let foreign = vocabulary.foreign.iter().find(|(foreign, _)| *foreign == known);
    let text = match (foreign, elsewhere(word)) {
        // Our vocabulary has no such word, so the message does not list the valid ones.
        (Some((foreign, help)), _) if vocabulary.translated(foreign).is_none() => {
            return message(format!("`{word}` is not a {noun} here")).help(help);
        }
        (Some((_, help)), _) => text.help(help),
        (None, Some(place)) => text.help(format!("write it where it belongs: {place}")),
        (None, None) => match vocabulary.nearest(word) {
            Some(meant) => text.help(format!("did you mean `\"{meant}\"`?")),
            None => text,
        },
    };
    in_ascii(word, text.note(vocabulary.note))
}

/// Words for a child in other systems, or for the attribute that marks one.
const MARKS: [&str; 10] = [
    "child",
    "children",
    "worker",
    "supervisor",
    "supervised",
    "task",
    "actor",
    "process",
    "service",
    "spawn",
];

/// Returns whether the word was meant as `child`.
pub(crate) fn is_mark(word: &str) -> bool {
    closest(word, ["child"].into_iter()).is_some() || MARKS.contains(&normalise(word).as_str())
}

/// Returns the option of a child that the word is a value of, and the word in our spelling.
pub(crate) fn option_of(word: &str) -> Option<(&'static str, String)> {
    let own = |word: Option<&str>| word.map(str::to_owned);
    // Both vocabularies know words such as `never`, which then count as restart policies.
    if let Some(word) = own(RESTART.recognised(word)) {
        return Some(("restart", word));
    }
    if let Some(word) = own(SHUTDOWN.recognised(word)) {
        return Some(("shutdown", word));
    }
    time::parse(word).is_ok().then(|| ("shutdown", word.to_owned()))
}

/// Returns the setting that the word is a value of, and the word in our spelling.
pub(crate) fn setting_of(word: &str) -> Option<(&'static str, &'static str)> {
    let strategy = STRATEGY.recognised(word).map(|word| ("strategy", word));
    // `never` alone may belong to other settings.
    let end = AUTO_SHUTDOWN.recognised(word).filter(|_| word.contains("significant"));
    strategy.or(end.map(|word| ("auto_shutdown", word)))
}

/// Returns where a word of another vocabulary belongs.
fn elsewhere(word: &str) -> Option<String> {
    let setting = |key: &str| format!("`{key} = \"{word}\"`, above the children");
    let option = |key: &str| format!("`#[child({key} = \"{word}\")]`");
    match word {
        // Only exact words are looked up. A mistyped word more likely belongs to the key at which
        // it stands.
        _ if STRATEGY.find(word).is_some() => Some(setting("strategy")),
        _ if RESTART.find(word).is_some() => Some(option("restart")),
        _ if SHUTDOWN.find(word).is_some() => Some(option("shutdown")),
        "any_significant" | "all_significant" => Some(setting("auto_shutdown")),
        _ => None,
    }
}

/// Returns the help for a mistyped key, or for one of another system.
pub(crate) fn meant_key(
    key: &str,
    known: &[&'static str],
    foreign: &[(&'static str, &'static str)],
) -> Option<String> {
    let translated = foreign::called(key, foreign).filter(|ours| known.contains(ours));
    match translated {
        Some(ours) => Some(format!("it is called `{ours}` here")),
        None => closest(key, known.iter().copied()).map(|ours| format!("did you mean `{ours}`?")),
    }
}

/// Adds a note about the first letter that is not ASCII: it may look like one that is.
pub(crate) fn in_ascii(word: &str, text: Message) -> Message {
    match word.chars().find(|c| !c.is_ascii()) {
        Some(c) => {
            let code = u32::from(c);
            text.note(format!("`{c}` is not an ASCII letter, it is U+{code:04X}"))
        }
        None => text,
    }
}

/// Returns the words as a list: `` `a`, `b` or `c` ``.
pub(crate) fn list(words: &[&str], conjunction: &str) -> String {
    let quoted = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {conjunction} {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{RESTART, SHUTDOWN, STRATEGY, list};

    #[test]
    fn other_spellings_lead_to_the_word() {
        for word in ["one-for-one", "OneForOne", "One for one", "ONE_FOR_ONE", "one_for_on"] {
            assert_eq!(STRATEGY.nearest(word), Some("one_for_one"), "{word}");
        }
        assert_eq!(RESTART.nearest("Temporery"), Some("temporary"));
        assert_eq!(RESTART.nearest("sometimes"), None);
        assert_eq!(SHUTDOWN.nearest("infinite"), Some("infinity"));
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(list(&["a"], "or"), "`a`");
        assert_eq!(list(&["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }
}
