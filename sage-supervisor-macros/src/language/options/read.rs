//! The reader of a list of options.

use proc_macro2::{Ident, TokenStream};

use super::keys::{ON_ENTRIES, ON_FUNCTIONS, On};
use super::names::{CLONE, LEND, names};
use super::unknown::unknown;
use crate::language::args::{self, Seen};
use crate::language::backoff;
use crate::language::diag::{Diag, Place, message};
use crate::language::model::Options;
use crate::language::split::{Entry, Form, List, entries};
use crate::language::words::RESTART;

/// Reads the options between the parentheses.
pub(crate) fn read(tokens: TokenStream, on: On, diag: &mut Diag) -> Options {
    let mut options = Options::default();
    let mut seen = Seen::default();
    // The mistakes of all options belong to the entry that carries the attribute.
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
        "every" => {
            let period = args::duration(&key, form, diag);
            options.every = Some((key, period));
        }
        "max_restarts" => options.max_restarts = Some(args::own_limit(&key, form, diag)),
        "within" => options.within = Some(args::duration(&key, form, diag)),
        "forgive_after" => options.forgive_after = Some(args::duration(&key, form, diag)),
        "backoff" => options.backoff = Some(backoff::read(&key, form, diag)),
        "give_up_if" => options.give_up_if = args::predicate(&key, form, diag),
        "significant" => {
            is_bare(&key, &form, diag);
            options.significant = Some(key);
        }
        "instances" => {
            let instances = args::instances(&key, form, diag);
            options.instances = Some((key, instances));
        }
        "when" => options.when = Some(args::flag(&key, form, diag)),
        "version" => match form {
            Form::Assign(value) if !value.is_empty() => options.version = Some((key, value)),
            _ => {
                let text = message("`version` needs a value that can be hashed");
                let help = "`version = config.listener`, from which the child is made";
                diag.error(&key, text.help(help));
            }
        },
        "tree" => {
            is_bare(&key, &form, diag);
            options.tree = Some(key);
        }
        "clone" => {
            let names = names(&key, form, &CLONE, diag);
            options.clone = Some((key, names));
        }
        "lend" => {
            let names = names(&key, form, &LEND, diag);
            options.lend = Some((key, names));
        }
        // The only other option is `crate`.
        _ => match form {
            Form::Assign(path) if !path.is_empty() => options.krate = Some(path),
            _ => {
                let text = message("`crate` needs a path");
                diag.error(&key, text.help("`crate = ::sage_supervisor`"));
            }
        },
    }
}

/// Reports a value of an option that takes none.
fn is_bare(key: &Ident, form: &Form, diag: &mut Diag) {
    let at = match form {
        Form::Bare | Form::Wrong => return,
        Form::List(list) => Place::from(list.span()),
        Form::Assign(value) if value.is_empty() => Place::from(key),
        Form::Assign(value) => Place::from(value),
    };
    diag.error(at, message(format!("`{key}` takes no value")).help(format!("write `{key}` alone")));
}
