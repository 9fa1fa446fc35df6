//! Closed vocabularies, and the words of other systems.

pub(crate) mod foreign;
mod known;

use proc_macro2::Span;

pub(crate) use self::known::{AUTO_SHUTDOWN, RESTART, SHUTDOWN, STRATEGY, TEMPORARY_SIBLINGS};

use crate::language::closest::{closest, normalise};
use crate::language::diag::{Diag, Message, message};
use crate::language::time;

/// The words one key accepts.
pub(crate) struct Vocabulary<T: 'static> {
    /// What a word of this vocabulary is called.
    pub(crate) noun: &'static str,
    /// The type of an expression that may stand in place of the word.
    pub(crate) ty: &'static str,
    pub(crate) words: &'static [(&'static str, T)],
    /// Words of other systems, and what to write instead of them.
    pub(crate) foreign: &'static [(&'static str, &'static str)],
    pub(crate) note: &'static str,
}

impl<T: Copy> Vocabulary<T> {
    pub(crate) fn find(&self, word: &str) -> Option<T> {
        self.words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    /// The word that stands there without its quotes, or as the name of its variant, also that of
    /// another system.
    pub(crate) fn named(&self, name: &str) -> Option<&'static str> {
        let is = |word: &str| name == word || self.variant(word).ends_with(&format!("::{name}"));
        let own = self.words.iter().map(|(word, _)| *word).find(|word| is(word));
        // A name in capitals may be that of a constant.
        let constant = !name.contains(char::is_lowercase);
        own.or_else(|| self.translated(name).filter(|_| !constant))
    }

    /// The value of the word, or a mistake.
    pub(crate) fn read(&self, word: &str, at: Span, diag: &mut Diag) -> Option<T> {
        let found = self.find(word);
        if found.is_none() {
            diag.error(at, self.unknown(word));
        }
        found
    }

    /// The word of this vocabulary that was probably meant.
    pub(crate) fn meant(&self, word: &str) -> Option<&'static str> {
        closest(word, self.words.iter().map(|(known, _)| *known))
    }

    /// The word of this vocabulary that says what one of another system says.
    pub(crate) fn translated(&self, word: &str) -> Option<&'static str> {
        let normal = normalise(word);
        let (_, help) = self.foreign.iter().find(|(foreign, _)| *foreign == normal)?;
        let is_ours = |word: &&str| help.contains(&format!("\"{word}\""));
        self.words.iter().map(|(word, _)| *word).find(is_ours)
    }

    /// The word that was meant, also if another system was in mind.
    pub(crate) fn means(&self, word: &str) -> Option<&'static str> {
        self.translated(word).or_else(|| self.meant(word))
    }

    /// The variant with the name of the word.
    pub(crate) fn variant(&self, word: &str) -> String {
        let mut variant = format!("{}::", self.ty);
        for part in word.split('_') {
            let (first, rest) = part.split_at(part.len().min(1));
            variant.push_str(&first.to_uppercase());
            variant.push_str(rest);
        }
        variant
    }

    /// A word for something that has another place here.
    pub(crate) fn is_elsewhere(&self, word: &str) -> bool {
        let normal = normalise(word);
        self.foreign.iter().any(|(foreign, _)| *foreign == normal)
            && self.translated(word).is_none()
            && word.contains(char::is_lowercase)
    }

    pub(crate) fn unknown(&self, word: &str) -> Message {
        let noun = self.noun;
        let known = normalise(word);
        let text = message(format!("unknown {noun} `\"{word}\"`"));
        let foreign = self.foreign.iter().find(|(foreign, _)| *foreign == known);
        let text = match (foreign, elsewhere(word)) {
            (Some((foreign, help)), _) if self.translated(foreign).is_none() => {
                return message(format!("`{word}` is not a {noun} here")).help(help);
            }
            (Some((_, help)), _) => text.help(help),
            (None, Some(place)) => text.help(format!("write it where it belongs: {place}")),
            (None, None) => match self.meant(word) {
                Some(meant) => text.help(format!("did you mean `\"{meant}\"`?")),
                None => text,
            },
        };
        in_ascii(word, text.note(self.note))
    }
}

/// What other systems call a child, or mark one with.
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

pub(crate) fn is_mark(word: &str) -> bool {
    closest(word, ["child"].into_iter()).is_some() || MARKS.contains(&normalise(word).as_str())
}

/// The option of a child that a word is the value of, and the word itself.
pub(crate) fn option_of(word: &str) -> Option<(&'static str, String)> {
    let own = |word: Option<&str>| word.map(str::to_owned);
    if let Some(word) = own(RESTART.means(word)) {
        return Some(("restart", word));
    }
    if let Some(word) = own(SHUTDOWN.means(word)) {
        return Some(("shutdown", word));
    }
    time::parse(word).is_ok().then(|| ("shutdown", word.to_owned()))
}

/// The setting that a word is the value of, and the word itself.
pub(crate) fn setting_of(word: &str) -> Option<(&'static str, &'static str)> {
    let strategy = STRATEGY.means(word).map(|word| ("strategy", word));
    // `never` may mean many things.
    let end = AUTO_SHUTDOWN.means(word).filter(|_| word.contains("significant"));
    strategy.or(end.map(|word| ("auto_shutdown", word)))
}

/// Where a word of one of the vocabularies belongs.
fn elsewhere(word: &str) -> Option<String> {
    let setting = |key: &str| format!("`{key} = \"{word}\"`, above the children");
    let option = |key: &str| format!("`#[child({key} = \"{word}\")]`");
    match word {
        _ if STRATEGY.find(word).is_some() => Some(setting("strategy")),
        _ if RESTART.find(word).is_some() => Some(option("restart")),
        _ if SHUTDOWN.find(word).is_some() => Some(option("shutdown")),
        "any_significant" | "all_significant" => Some(setting("auto_shutdown")),
        _ => None,
    }
}

/// A mistyped or foreign key: the help that leads to the right one.
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

/// Says which letter is none that keys are written with, because it cannot be seen.
pub(crate) fn in_ascii(word: &str, text: Message) -> Message {
    match word.chars().find(|c| !c.is_ascii()) {
        Some(c) => {
            let code = u32::from(c);
            text.note(format!("`{c}` is not an ASCII letter, it is U+{code:04X}"))
        }
        None => text,
    }
}

/// `` `a`, `b` or `c` ``
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
            assert_eq!(STRATEGY.meant(word), Some("one_for_one"), "{word}");
        }
        assert_eq!(RESTART.meant("Temporery"), Some("temporary"));
        assert_eq!(RESTART.meant("sometimes"), None);
        assert_eq!(SHUTDOWN.meant("infinite"), Some("infinity"));
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(list(&["a"], "or"), "`a`");
        assert_eq!(list(&["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }
}
