//! The words that one key accepts.

use crate::language::closest::{closest, normalise};

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
}
