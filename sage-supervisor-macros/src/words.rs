//! Closed vocabularies, and the words of other systems.

use proc_macro2::Span;

use crate::closest::{closest, normalise};
use crate::diag::{Diag, Message, message};

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

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Restart {
    Permanent,
    Transient,
    Temporary,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Shutdown {
    BrutalKill,
    Milliseconds(u64),
    Infinity,
}

pub(crate) const RESTART: Vocabulary<Restart> = Vocabulary {
    noun: "restart policy",
    ty: "RestartPolicy",
    words: &[
        ("permanent", Restart::Permanent),
        ("transient", Restart::Transient),
        ("temporary", Restart::Temporary),
    ],
    foreign: &[
        ("always", "a child that is always restarted is `\"permanent\"`"),
        ("unless_stopped", "a child that is always restarted is `\"permanent\"`"),
        ("on_failure", "a child that is restarted only after a failure is `\"transient\"`"),
        ("on_abnormal", "a child that is restarted only after a failure is `\"transient\"`"),
        ("intrinsic", "a child that is restarted only after a failure is `\"transient\"`"),
        ("never", "a child that is never restarted is `\"temporary\"`"),
        ("no", "a child that is never restarted is `\"temporary\"`"),
    ],
    note: "a restart policy is one of `\"permanent\"`, `\"transient\"` or `\"temporary\"`",
};

pub(crate) const STRATEGY: Vocabulary<Strategy> = Vocabulary {
    noun: "strategy",
    ty: "Strategy",
    words: &[
        ("one_for_one", Strategy::OneForOne),
        ("one_for_all", Strategy::OneForAll),
        ("rest_for_one", Strategy::RestForOne),
    ],
    foreign: &[(
        "simple_one_for_one",
        "use a `DynamicSupervisor` for children that start on demand",
    )],
    note: "a strategy is one of `\"one_for_one\"`, `\"one_for_all\"` or `\"rest_for_one\"`",
};

pub(crate) const SHUTDOWN: Vocabulary<Shutdown> = Vocabulary {
    noun: "shutdown",
    ty: "Shutdown",
    words: &[("brutal_kill", Shutdown::BrutalKill), ("infinity", Shutdown::Infinity)],
    foreign: &[
        ("brutal", "did you mean `\"brutal_kill\"`?"),
        ("kill", "a child that is aborted at once has `\"brutal_kill\"`"),
        ("abort", "a child that is aborted at once has `\"brutal_kill\"`"),
        ("immediate", "a child that is aborted at once has `\"brutal_kill\"`"),
        ("forever", "a child that is given all the time it needs has `\"infinity\"`"),
        ("unlimited", "a child that is given all the time it needs has `\"infinity\"`"),
        ("never", "a child that is given all the time it needs has `\"infinity\"`"),
    ],
    note: "a shutdown is `\"brutal_kill\"`, a time such as `\"5s\"`, or `\"infinity\"`",
};

impl<T: Copy> Vocabulary<T> {
    pub(crate) fn find(&self, word: &str) -> Option<T> {
        self.words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
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
