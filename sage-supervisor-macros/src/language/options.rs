//! The arguments of `#[child(..)]`, on entries and on functions.

mod names;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use self::names::{CLONE, LEND, names};
use crate::language::args::{self, Seen};
use crate::language::backoff;
use crate::language::diag::{Diag, Place, message};
use crate::language::model::Options;
use crate::language::settings::SETTINGS;
use crate::language::split::{Attribute, Entry, Form, List, entries};
use crate::language::words::{self, RESTART, SHUTDOWN};

/// Where the attribute stands.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum On {
    Entry,
    Function,
}

pub(crate) const ON_ENTRIES: [&str; 10] = [
    "restart",
    "shutdown",
    "ready_within",
    "heartbeat",
    "max_restarts",
    "within",
    "backoff",
    "significant",
    "clone",
    "lend",
];
pub(crate) const ON_FUNCTIONS: [&str; 9] = [
    "restart",
    "shutdown",
    "ready_within",
    "heartbeat",
    "max_restarts",
    "within",
    "backoff",
    "significant",
    "crate",
];

const FOREIGN: [(&str, &str); 23] = [
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
    ("borrow", "lend"),
    ("loan", "lend"),
];

/// `#[child]` or `#[child(..)]`.
pub(crate) fn of_attribute(attribute: &Attribute, diag: &mut Diag) -> Options {
    let arguments = attribute.arguments();
    match arguments.as_slice() {
        [] => Options::default(),
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            read(group.stream(), On::Entry, diag)
        }
        [first, .., last] => malformed(Place::between(first, last), diag),
        [only] => malformed(only.into(), diag),
    }
}

fn malformed(at: Place, diag: &mut Diag) -> Options {
    diag.error(at, message("expected `#[child]` or `#[child(..)]`"));
    Options::default()
}

pub(crate) fn read(tokens: TokenStream, on: On, diag: &mut Diag) -> Options {
    let mut options = Options::default();
    let mut seen = Seen::default();
    // Mistakes in an attribute belong to the entry it stands on.
    for entry in entries(tokens, List::Options, diag) {
        option(entry, on, &mut options, &mut seen, diag);
    }
    options
}

fn option(entry: Entry, on: On, options: &mut Options, seen: &mut Seen, diag: &mut Diag) {
    let Entry { attributes, key, form } = entry;
    if let Some(attribute) = attributes.first() {
        diag.error(attribute.place(), message("an attribute has no meaning on an option"));
    }
    let word = key.to_string();
    let known: &[&str] = match on {
        On::Entry => &ON_ENTRIES,
        On::Function => &ON_FUNCTIONS,
    };
    if !known.contains(&word.as_str()) {
        return unknown(&key, &form, on, known, diag);
    }
    if !seen.first(&key, diag) {
        return;
    }
    match word.as_str() {
        "restart" => options.restart = Some(args::word(&RESTART, &key, form, diag)),
        "shutdown" => options.shutdown = Some(args::shutdown(&key, form, diag)),
        "ready_within" => {
            let time = args::duration(&key, form, diag);
            options.ready_within = Some((key, time));
        }
        "heartbeat" => {
            let time = args::duration(&key, form, diag);
            options.heartbeat = Some((key, time));
        }
        "max_restarts" => options.max_restarts = Some(args::own_limit(&key, form, diag)),
        "within" => options.within = Some(args::duration(&key, form, diag)),
        "backoff" => options.backoff = Some(backoff::read(&key, form, diag)),
        "significant" => {
            is_bare(&key, &form, diag);
            options.significant = Some(key);
        }
        "clone" => {
            let names = names(&key, form, &CLONE, diag);
            options.clone = Some((key, names));
        }
        "lend" => {
            let names = names(&key, form, &LEND, diag);
            options.lend = Some((key, names));
        }
        _ => match form {
            Form::Assign(path) if !path.is_empty() => options.krate = Some(path),
            _ => {
                let text = message("`crate` needs a path");
                diag.error(&key, text.help("`crate = ::sage_supervisor`"));
            }
        },
    }
}

fn is_bare(key: &Ident, form: &Form, diag: &mut Diag) {
    let at = match form {
        Form::Bare | Form::Wrong => return,
        Form::List(list) => Place::from(list.span()),
        Form::Assign(value) if value.is_empty() => Place::from(key),
        Form::Assign(value) => Place::from(value),
    };
    diag.error(at, message(format!("`{key}` takes no value")).help(format!("write `{key}` alone")));
}

fn unknown(key: &Ident, form: &Form, on: On, known: &[&'static str], diag: &mut Diag) {
    let word = key.to_string();
    if on == On::Function && key == "clone" {
        let text = message("`clone` has no meaning on a function");
        return diag.error(key, text.note("every start gets a clone of each argument"));
    }
    if on == On::Function && key == "lend" {
        let text = message("`lend` has no meaning on a function")
            .help("take it as a `Lent<..>`: `rx: Lent<Receiver<u32>>`")
            .note("an argument of that type is lent, and the constructor takes what is in it");
        return diag.error(key, text);
    }
    if key == "name" {
        let help = match on {
            On::Entry => "the name of a child stands before the `=`: `#[child] name = start`",
            On::Function => "the name of a child is that of its function, or of its entry",
        };
        return diag.error(key, message("`name` is not an option of a child").help(help));
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
    diag.error(key, text.note(format!("the options are {}", words::list(known, "and"))));
}

/// `#[child(transient)]`
fn value_of_an_option(word: &str, form: &Form) -> Option<String> {
    let Form::Bare = form else { return None };
    let restart = RESTART.meant(word).map(|word| ("restart", word));
    let (key, word) = restart.or_else(|| SHUTDOWN.meant(word).map(|word| ("shutdown", word)))?;
    Some(format!("write `{key} = \"{word}\"`"))
}
