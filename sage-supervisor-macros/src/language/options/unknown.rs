//! Options that there are not.

use proc_macro2::Ident;

use super::On;
use crate::language::diag::{Diag, message};
use crate::language::settings::SETTINGS;
use crate::language::split::Form;
use crate::language::words;

const FOREIGN: [(&str, &str); 28] = [
    ("restart_policy", "restart"),
    ("policy", "restart"),
    ("restart_type", "restart"),
    ("shutdown_timeout", "shutdown"),
    ("stop_timeout", "shutdown"),
    ("timeout", "shutdown"),
    ("timeout_stop_sec", "shutdown"),
    ("start_timeout", "ready_within"),
    ("ready_timeout", "ready_within"),
    ("timeout_start_sec", "ready_within"),
    ("watchdog", "heartbeat"),
    ("watchdog_sec", "heartbeat"),
    ("heartbeat_interval", "heartbeat"),
    ("intensity", "max_restarts"),
    ("max_retries", "max_restarts"),
    ("period", "within"),
    ("restart_delay", "backoff"),
    ("restart_sec", "backoff"),
    ("critical", "significant"),
    ("important", "significant"),
    ("capture", "clone"),
    ("move", "clone"),
    ("with", "clone"),
    ("args", "clone"),
    ("ready", "ready_within"),
    ("limit", "max_restarts"),
    ("borrow", "lend"),
    ("loan", "lend"),
];

/// What others write at a child, and where it stands here.
const ELSEWHERE: [(&[&str], &str); 5] = [
    (
        &["name", "id", "called"],
        "the name of a child stands in front of its value: `#[child] name = start`",
    ),
    (&["start", "run", "function", "mfa"], "what is started is the value: `#[child] name = start`"),
    (
        &["after", "before", "depends_on", "requires", "wants", "order"],
        "children start in the order of their entries, each after those above it",
    ),
    (
        &["kind", "type", "worker", "supervisor", "dynamic"],
        "what a child is can be seen from its value: a function, a closure or a `supervisor! { .. }`",
    ),
    (
        &["blocking", "process", "command", "thread"],
        "the value says so: `ChildSpec::blocking(..)` or `ChildSpec::command(..)`",
    ),
];

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
        let text = message("`lend` has no meaning on a function")
            .help("take it as a `Lent<..>`: `rx: Lent<Receiver<u32>>`")
            .note("an argument of that type is lent, and the constructor takes what is in it");
        return diag.error(key, text);
    }
    let elsewhere = ELSEWHERE.iter().find(|(words, _)| words.contains(&word.as_str()));
    if let Some((_, help)) = elsewhere {
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
    let meant = words::meant_key(&word, known, &FOREIGN);
    let text = match value_of_an_option(&word, form).or(meant) {
        Some(help) => text.help(help),
        None => text,
    };
    let text = text.note(format!("the options are {}", words::list(known, "and")));
    diag.error(key, words::in_ascii(&word, text));
}

/// `#[child(transient)]`
fn value_of_an_option(word: &str, form: &Form) -> Option<String> {
    let Form::Bare = form else { return None };
    let (key, word) = words::option_of(word)?;
    Some(format!("write `{key} = \"{word}\"`"))
}
