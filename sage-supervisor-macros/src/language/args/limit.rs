//! `max_restarts`

use proc_macro2::Ident;
use syn::Lit;

use super::{Value, assigned};
use crate::language::diag::{Diag, message};
use crate::language::literal::{Written, literal};
use crate::language::split::Form;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Limit {
    Count(u32),
    Unlimited,
}

/// The limit of a supervisor.
pub(crate) fn limit(key: &Ident, form: Form, diag: &mut Diag) -> Value<Limit> {
    read(key, form, ", or `\"unlimited\"`", diag)
}

/// The limit of a child itself, which has none unless it is written.
pub(crate) fn own_limit(key: &Ident, form: Form, diag: &mut Diag) -> Value<u32> {
    match read(key, form, "", diag) {
        Value::Known(Limit::Count(count), at) => Value::Known(count, at),
        Value::Known(Limit::Unlimited, at) => {
            let text = message("the limit of a child cannot be `\"unlimited\"`")
                .help(format!("remove `{key}`: by default a child has no limit of its own"))
                .note("its restarts count for its supervisor, whose `max_restarts` can be that");
            diag.error(at, text);
            Value::Wrong
        }
        Value::Dynamic(value) => Value::Dynamic(value),
        Value::Wrong => Value::Wrong,
    }
}

/// `or` is what else may stand there than a number.
fn read(key: &Ident, form: Form, or: &str, diag: &mut Diag) -> Value<Limit> {
    let rule = format!("`{key}` is a number of restarts from 0 to {}{or}", u32::MAX);
    let Some(value) = assigned(key, form, "5", diag) else { return Value::Wrong };
    match literal(&value) {
        Written::Text(text, at) if text == "unlimited" => Value::Known(Limit::Unlimited, at),
        Written::Text(text, at) => {
            let help = match text.parse::<u32>() {
                Ok(count) => format!("write `{count}`"),
                Err(_) => format!("write a number{or}"),
            };
            diag.error(at, message(rule).help(help));
            Value::Wrong
        }
        Written::Name(name) if name == "unlimited" && or.is_empty() => {
            Value::Known(Limit::Unlimited, name.span())
        }
        Written::Name(name) if name == "unlimited" => {
            diag.error(&name, message(rule).help("write `\"unlimited\"`"));
            Value::Wrong
        }
        Written::Number(number) => {
            let count = match Lit::new(number.clone()) {
                Lit::Int(count) => count.base10_parse::<u32>().ok(),
                _ => None,
            };
            if count.is_none() {
                diag.error(&number, message(rule));
            }
            Value::known(count.map(Limit::Count), number.span())
        }
        Written::Other(at) => {
            diag.error(at, message(rule));
            Value::Wrong
        }
        Written::Name(_) | Written::Expression => Value::Dynamic(value),
    }
}
