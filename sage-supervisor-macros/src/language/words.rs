//! Closed vocabularies, and the words of other systems.

mod known;

use proc_macro2::Span;

pub(crate) use self::known::{
    AUTO_SHUTDOWN, AutoShutdown, RESTART, Restart, SHUTDOWN, STRATEGY, Shutdown, Strategy,
    TEMPORARY_SIBLINGS, TemporarySiblings,
};

use crate::language::closest::{closest, normalise};
use crate::language::diag::{Diag, Message, message};

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

    /// The word that stands there without its quotes, or as the name of its variant.
    pub(crate) fn named(&self, name: &str) -> Option<&'static str> {
        let is = |word: &str| name == word || self.variant(word).ends_with(&format!("::{name}"));
        self.words.iter().map(|(word, _)| *word).find(|word| is(word))
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

    fn unknown(&self, word: &str) -> Message {
        let noun = self.noun;
        let known = normalise(word);
        if let Some((foreign, help)) = self.foreign.iter().find(|(foreign, _)| *foreign == known) {
            return match *foreign {
                "simple_one_for_one" => {
                    message(format!("`{word}` is not a {noun} here")).help(help)
                }
                _ => message(format!("unknown {noun} `\"{word}\"`")).help(help).note(self.note),
            };
        }
        let text = message(format!("unknown {noun} `\"{word}\"`"));
        match self.meant(word) {
            Some(meant) => text.help(format!("did you mean `\"{meant}\"`?")).note(self.note),
            None => text.note(self.note),
        }
    }
}

/// A mistyped or foreign key: the help that leads to the right one.
pub(crate) fn meant_key(
    key: &str,
    known: &[&'static str],
    foreign: &[(&'static str, &'static str)],
) -> Option<String> {
    let normal = normalise(key);
    let translated = foreign.iter().find(|(word, _)| *word == normal);
    match translated {
        Some((_, ours)) => Some(format!("it is called `{ours}` here")),
        None => closest(key, known.iter().copied()).map(|ours| format!("did you mean `{ours}`?")),
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
