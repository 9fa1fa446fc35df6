//! The reader of `instances`.

use proc_macro2::Ident;

use super::value::{Value, assigned};
use crate::language::diag::{Diag, Message, Place, message};
use crate::language::literal::{Written, digits, literal};
use crate::language::split::Form;

/// Reads the number of children in a pool.
pub(crate) fn instances(key: &Ident, form: Form, diag: &mut Diag) -> Value<u32> {
    let Some(value) = assigned(key, form, "4", diag) else { return Value::Wrong };
    let rule = || message(format!("`{key}` is a number of children from 1 to {}", u32::MAX));
    let (at, text) = match literal(&value) {
        Written::Name(_) | Written::Expression => return Value::Dynamic(value),
        Written::Number(number) => {
            let (digits, suffix) = digits(&number);
            match digits.parse::<u32>() {
                Ok(0) => {
                    let help = "remove the entry, or say when there is such a child: `when = ..`";
                    (Place::from(&number), message("a pool of 0 has no child").help(help))
                }
                Ok(count) if suffix.is_empty() || suffix == "usize" => {
                    return Value::Known(count, number.span());
                }
                Ok(count) => (Place::from(&number), rule().help(format!("write `{count}`"))),
                Err(_) => (Place::from(&number), rule()),
            }
        }
        Written::Text(text, at) => (at.into(), of_text(rule(), &text)),
        Written::Other(at, text) => (at, of_text(rule(), &text)),
    };
    diag.error(at, text);
    Value::Wrong
}

fn of_text(rule: Message, text: &str) -> Message {
    match text.trim().parse::<u32>() {
        Ok(count) if count > 0 => rule.help(format!("write `{count}`")),
        _ => rule,
    }
}
