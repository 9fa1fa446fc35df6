//! Options that do not exist, or not in this place.

use proc_macro2::Ident;

use super::keys::{ON_ENTRIES, On};
use crate::language::diag::{Diag, Message, message};
use crate::language::settings::SETTINGS;
use crate::language::split::Form;
use crate::language::words::{self, foreign};

pub(super) fn unknown(key: &Ident, form: &Form, on: On, known: &[&'static str], diag: &mut Diag) {
    let word = key.to_string();
    if on == On::Function && key == "clone" {
        let text = message("`clone` has no meaning on a function");
        return diag.error(key, text.note("every start gets a clone of each argument"));
    }
    if on == On::Function && key == "tree" {
        let help =
            "write the tree in item position: `supervisor! { fn name() -> Supervisor { .. } }`";
        let text = message("`tree` has no meaning on a function").help(help);
        return diag.error(
            key,
            text.note("`#[child(tree)]` stands on the entry that calls such a function"),
        );
    }
    if on == On::Function && key == "lend" {
        let rule =
            "an argument of that type is lent, and the constructor takes the value inside of it";
        let text = message("`lend` has no meaning on a function")
            .help("take it as a `Lent<..>`: `rx: Lent<Receiver<u32>>`")
            .note(rule);
        return diag.error(key, text);
    }
    // Words for which there is no option come first, because the nearest option would mislead.
    if let Some(help) = foreign::elsewhere(&word) {
        let help = match (on, key == "name") {
            (On::Function, true) => "the name of a child is that of its function, or of its entry",
            _ => help,
        };
        return diag.error(key, message(format!("`{key}` is not an option of a child")).help(help));
    }
    if SETTINGS.contains(&word.as_str()) {
        let text = message(format!("`{key}` is a setting of a supervisor"));
        let help = "it belongs inside the `supervisor! { .. }`, above the children";
        return diag.error(key, text.help(help));
    }
    let text = message(format!("unknown child option `{key}`"));
    let meant = words::meant_key(&word, known, &foreign::OPTIONS);
    let help = value_of_an_option(&word, form).or(meant).or_else(|| of_a_supervisor(&word));
    let text = help.into_iter().fold(text, Message::help);
    let text = text.note(format!("the options are {}", words::list(known, "and")));
    diag.error(key, words::in_ascii(&word, text));
}

/// Returns the help for a value without its key: `#[child(transient)]`.
fn value_of_an_option(word: &str, form: &Form) -> Option<String> {
    let Form::Bare = form else { return None };
    let (key, word) = words::option_of(word)?;
    Some(format!("write `{key} = \"{word}\"`"))
}

/// Returns the help for a word of another system for a setting of a supervisor.
fn of_a_supervisor(word: &str) -> Option<String> {
    let ours = foreign::called(word, &foreign::SETTINGS)?;
    // For some settings, a child has an option of the same name.
    let is_option = ON_ENTRIES.contains(&ours);
    Some(match is_option {
        true => format!("it is called `{ours}` here"),
        false => format!(
            "it is called `{ours}` here, and stands inside the `supervisor! {{ .. }}`, above the \
             children"
        ),
    })
}
