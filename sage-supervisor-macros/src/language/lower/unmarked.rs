//! Entries that carry no mark and are no setting.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::language::diag::{Diag, Message, message};
use crate::language::options::ON_ENTRIES;
use crate::language::settings::SETTINGS;
use crate::language::split::{Entry, Form};
use crate::language::tokens::{flatten, is_punct};
use crate::language::words::{self, foreign};

/// Reports the entry, and returns whether it was meant as a child: then only its mark is missing.
/// Otherwise it is a mistyped setting.
pub(super) fn report(entry: &Entry, diag: &mut Diag) -> bool {
    let key = &entry.key;
    if let Some(text) = children(key, &entry.form) {
        diag.error(key, text);
        return false;
    }
    let meant = words::meant_key(&key.to_string(), &SETTINGS, &foreign::SETTINGS);
    // A literal starts nothing, and an attribute belongs to a child rather than to a setting.
    let starts = match &entry.form {
        Form::Assign(value) => !is_constant(value),
        Form::Bare => !entry.attributes.is_empty(),
        Form::List(_) | Form::Wrong => false,
    };
    // A key that resembles a setting is taken for one, even if its value could start a child.
    if meant.is_none() && starts {
        let help = format!("if it is a child, mark it: `#[child] {key} = ..`");
        diag.error(key, message(format!("`{key}` is not a supervisor setting")).help(help));
        return true;
    }
    // The splitter reported this entry, and nothing more is known about it.
    if matches!(entry.form, Form::Wrong) && meant.is_none() {
        return false;
    }
    if ON_ENTRIES.iter().any(|option| key == option) {
        let text = message(format!("`{key}` is an option of a child"));
        let help = "write it at the child: `#[child(..)] name = start`";
        diag.error(key, text.help(help));
        return false;
    }
    if let (Form::Bare, None, None) = (&entry.form, &meant, of_a_setting(key, &entry.form)) {
        let text = message(format!("`{key}` is not an entry"))
            .help(format!("if it is a child, write `#[child] {key} = {key}`"))
            .note("an entry is a setting `key = value` or a child `#[child] name = start`");
        diag.error(key, words::in_ascii(&key.to_string(), text));
        return false;
    }
    let text = message(format!("unknown supervisor setting `{key}`"));
    let help = of_a_setting(key, &entry.form).or(meant).or_else(|| of_a_child(&key.to_string()));
    let text = help.into_iter().fold(text, Message::help);
    let text = text.note(format!("the settings are {}", words::list(&SETTINGS, "and")));
    diag.error(key, words::in_ascii(&key.to_string(), text));
    false
}

/// Returns the help for a value without its key: `one_for_all`.
fn of_a_setting(key: &Ident, form: &Form) -> Option<String> {
    let Form::Bare = form else { return None };
    let (key, word) = words::setting_of(&key.to_string())?;
    Some(format!("write `{key} = \"{word}\"`"))
}

/// Returns the help for a word that other systems write at a child.
fn of_a_child(word: &str) -> Option<String> {
    let Some(ours) = foreign::called(word, &foreign::OPTIONS) else {
        return foreign::elsewhere(word).map(str::to_owned);
    };
    // Some options are settings too.
    Some(match (SETTINGS.contains(&ours), ours) {
        (true, _) => format!("it is called `{ours}` here"),
        (false, "significant" | "tree") => {
            format!("it is called `{ours}` here, and stands at the child: `#[child({ours})]`")
        }
        (false, "clone" | "lend") => {
            format!("it is called `{ours}` here, and stands at the child: `#[child({ours}(..))]`")
        }
        (false, _) => {
            format!("it is called `{ours}` here, and stands at the child: `#[child({ours} = ..)]`")
        }
    })
}

/// Returns whether the value is a literal, and so no child.
fn is_constant(value: &TokenStream) -> bool {
    let mut tokens = value.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Literal(_)) | None, None) => true,
        (Some(TokenTree::Ident(word)), None) => word == "true" || word == "false",
        _ => false,
    }
}

/// Returns the message about all children in one list, as other systems have it:
/// `children = [a, b]`, `child(a)`.
fn children(key: &Ident, form: &Form) -> Option<Message> {
    let list = match form {
        Form::Assign(value) => {
            matches!(
                flatten(value.clone()).as_slice(),
                [TokenTree::Group(group)] if group.delimiter() == Delimiter::Bracket
            ) || flatten(value.clone()).get(1).is_some_and(|token| is_punct(token, '!'))
                && value.to_string().starts_with("vec")
        }
        Form::List(_) => true,
        Form::Bare | Form::Wrong => false,
    };
    let plural = ["children", "childs", "workers", "specs", "child_specs"];
    let word = key.to_string();
    let is_word =
        plural.contains(&word.as_str()) || (word == "child" && matches!(form, Form::List(_)));
    (list && is_word).then(|| {
        message(format!("`{key}` is not a supervisor setting"))
            .help("write an entry for each child: `#[child] name = start`")
            .note("children start in the order of their entries")
    })
}
