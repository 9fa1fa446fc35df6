//! A vocabulary: the words that one key accepts.

use crate::language::closest::{closest, normalise};

/// The words that one key accepts, with their values.
pub(crate) struct Vocabulary<T: 'static> {
    /// The noun for a word of the vocabulary.
    pub(crate) noun: &'static str,
    /// The type of an expression that may stand in place of the word.
    pub(crate) ty: &'static str,
    pub(crate) words: &'static [(&'static str, T)],
    /// Words of other systems, and the help for each.
    pub(crate) foreign: &'static [(&'static str, &'static str)],
    /// The rule that lists the valid words.
    pub(crate) note: &'static str,
}

impl<T: Copy> Vocabulary<T> {
    /// Returns the value of a word.
    pub(crate) fn find(&self, word: &str) -> Option<T> {
        self.words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    /// Returns the word for a name without quotes: the word itself, the name of its variant, or the
    /// name that another system uses.
    pub(crate) fn named(&self, name: &str) -> Option<&'static str> {
        let is = |word: &str| name == word || self.variant(word).ends_with(&format!("::{name}"));
        let own = self.words.iter().map(|(word, _)| *word).find(|word| is(word));
        // A name in capitals may be a constant.
        let constant = !name.contains(char::is_lowercase);
        own.or_else(|| self.translated(name).filter(|_| !constant))
    }

    /// Returns the nearest word, if one is near.
    pub(crate) fn nearest(&self, word: &str) -> Option<&'static str> {
        closest(word, self.words.iter().map(|(known, _)| *known))
    }

    /// Returns our word for a word of another system.
    pub(crate) fn translated(&self, word: &str) -> Option<&'static str> {
        let normal = normalise(word);
        let (_, help) = self.foreign.iter().find(|(foreign, _)| *foreign == normal)?;
        // The help contains our word in quotes. A help without one explains what to use in place of
        // a word that has no counterpart here.
        let is_ours = |word: &&str| help.contains(&format!("\"{word}\""));
        self.words.iter().map(|(word, _)| *word).find(is_ours)
    }

    /// Returns our word for a word of another system, or the nearest word.
    pub(crate) fn recognised(&self, word: &str) -> Option<&'static str> {
        self.translated(word).or_else(|| self.nearest(word))
    }

    /// Returns the variant for a word, with its type.
    pub(crate) fn variant(&self, word: &str) -> String {
        let mut variant = format!("{}::", self.ty);
        for part in word.split('_') {
            // The words of all vocabularies are ASCII, so the first byte is a letter.
            let (first, rest) = part.split_at(part.len().min(1));
            variant.push_str(&first.to_uppercase());
            variant.push_str(rest);
        }
        variant
    }

    /// Returns whether another system has the word for something that is written elsewhere here.
    pub(crate) fn is_elsewhere(&self, word: &str) -> bool {
        let normal = normalise(word);
        self.foreign.iter().any(|(foreign, _)| *foreign == normal)
            && self.translated(word).is_none()
            && word.contains(char::is_lowercase)
    }
}
