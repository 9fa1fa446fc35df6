//! The value of a key, whatever its type is.

use proc_macro2::{Ident, Span, TokenStream};

use crate::language::diag::{Diag, Message, Place, message};
use crate::language::literal::{Written, literal, token_behind_literal};
use crate::language::split::Form;
use crate::language::time;

/// The value of a key.
pub(crate) enum Value<T> {
    /// A literal that was read, and its location.
    Known(T, Span),
    /// Any other expression. The compiler checks its type; the analyses treat the value as unknown.
    Dynamic(TokenStream),
    /// A value that was reported. Rules that depend on the value stay silent, so that one mistake
    /// is one message.
    Wrong,
}

impl<T> Value<T> {
    pub(super) fn known(value: Option<T>, at: Span) -> Self {
        value.map_or(Self::Wrong, |value| Self::Known(value, at))
    }

    pub(crate) fn place(&self) -> Option<Place> {
        match self {
            Self::Known(_, at) => Some((*at).into()),
            Self::Dynamic(value) => Some(value.into()),
            Self::Wrong => None,
        }
    }
}

/// Returns the value that the runtime will use, or `None` if it is unknown at expansion.
pub(crate) fn known<T: Copy>(value: Option<&Value<T>>, default: T) -> Option<T> {
    match value {
        None => Some(default),
        Some(Value::Known(value, _)) => Some(*value),
        Some(Value::Dynamic(_) | Value::Wrong) => None,
    }
}

/// Returns the tokens of the value, or reports that there is none.
pub(super) fn assigned(
    key: &Ident,
    form: Form,
    example: &str,
    diag: &mut Diag,
) -> Option<TokenStream> {
    match form {
        Form::Assign(value) if !value.is_empty() => match token_behind_literal(&value) {
            Some((at, written)) => {
                diag.error(at, nothing_follows(&written));
            }
            None => return Some(value),
        },
        Form::Bare | Form::Assign(_) => {
            let text =
                message(format!("`{key}` needs a value")).help(format!("`{key} = {example}`"));
            diag.error(key, text);
        }
        Form::List(list) => {
            let text = message(format!("`{key}` takes one value, not a list"));
            // `within("5s")` only has the wrong form, so the help keeps the value.
            let example = match literal(&list.stream()) {
                Written::Text(..) | Written::Number(_) => list.stream().to_string(),
                _ => example.to_owned(),
            };
            diag.error(list.span(), text.help(format!("`{key} = {example}`")));
        }
        Form::Wrong => {}
    }
    None
}

/// Returns the message about a second token behind a literal: `5 s`, or a missing comma.
fn nothing_follows(written: &str) -> Message {
    let together = written.replace([' ', '"'], "");
    if time::parse(&together).is_ok() {
        return message("a time is one string").help(format!("write `\"{together}\"`"));
    }
    message("expected `,` or an operator in front of this")
        .help("a comma stands between one value and the next")
}
